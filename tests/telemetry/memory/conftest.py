"""A deployment's own summariser, installed for one test."""

from pathlib import Path

import pytest

HEAD = "from telemetry.memory.worldview import BeliefChange, Kind\n\n\ndef summarise(view):\n"


@pytest.fixture
def plug(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """`plug(body, name="plugged")` installs a package with that summariser."""

    def install(body: str, name: str = "plugged") -> None:
        folder = tmp_path / name
        info = folder / f"{name}-1.0.dist-info"
        info.mkdir(parents=True)
        (folder / f"{name}.py").write_text(HEAD + body)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        entry = f"[arw_personas.summarisers]\n{name} = {name}:summarise\n"
        (info / "entry_points.txt").write_text(entry)
        monkeypatch.syspath_prepend(str(folder))
        monkeypatch.delitem(__import__("sys").modules, name, raising=False)

    return install
