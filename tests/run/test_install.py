"""The installer's own words when it cannot work."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.services.server import ROOT

pytestmark = pytest.mark.pure


def install(folder: Path, python: str) -> subprocess.CompletedProcess[str]:
    (folder / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "install.sh", folder / ".ci" / "install.sh")
    program = folder / "python3"
    program.write_text(f"#!/bin/sh\n{python}\n")
    program.chmod(0o755)
    return subprocess.run(
        ["sh", str(folder / ".ci" / "install.sh"), "base"],
        env={**os.environ, "PYTHON": str(program)},
        capture_output=True,
        text=True,
    )


def test_it_says_that_python_is_too_old(tmp_path: Path) -> None:
    done = install(tmp_path, '[ "$1" = -V ] && echo Python 3.9.2 || exit 1')
    (line,) = done.stderr.splitlines()
    assert done.returncode == 1
    assert line.startswith("error: Python 3.11 or newer is needed, found: Python 3.9.2")
    assert not (tmp_path / ".venv").exists()


def test_it_says_that_python_has_no_venv(tmp_path: Path) -> None:
    done = install(tmp_path, 'case "$2" in *ensurepip*) exit 1;; esac')
    (line,) = done.stderr.splitlines()
    assert done.returncode == 1
    assert "has no venv module" in line
    assert not (tmp_path / ".venv").exists()
