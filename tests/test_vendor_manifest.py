"""The vendored front-end files are the ones that the manifest names, each with its licence."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
SERVED = ROOT / "arw_site" / "static" / "vendor"
PACKAGES: list[dict[str, Any]] = json.loads((SERVED / "manifest.json").read_text())["packages"]

pytestmark = pytest.mark.pure


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package["name"])
def test_it_ships_what_the_manifest_names(package: dict[str, Any]) -> None:
    folder = ROOT / package["folder"]
    checksums = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }
    assert checksums == {name: facts["sha256"] for name, facts in package["files"].items()}


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package["name"])
def test_it_ships_a_licence_with_each_package(package: dict[str, Any]) -> None:
    assert package["licence"]
    assert any(name.startswith("LICENSE") for name in package["files"])


def test_it_knows_every_vendored_folder() -> None:
    known = {ROOT / package["folder"] for package in PACKAGES}
    found = {path for path in SERVED.iterdir() if path.is_dir()}
    assert found <= known
