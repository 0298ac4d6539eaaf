"""Settings: one table, documented whole; unsafe ones stop the server (arw.E…)."""

import os
import re
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from pytest_django import Settings

from arw_site import checks
from arw_site.environment import VARIABLES, Environment, unknown_names

ROOT = Path(django_settings.BASE_DIR)
DOCUMENT = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
KEY = secrets.token_urlsafe(50)
OTHER_KEY = secrets.token_urlsafe(50)


def rows(text: str) -> list[list[str]]:
    """The cells of every table row in a Markdown text, without the headings."""
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def test_it_documents_every_variable() -> None:
    written = [row for row in rows(DOCUMENT) if row[0].startswith("`ARW_")]
    assert written == [[f"`{one.name}`", one.default_text, one.text] for one in VARIABLES]


def test_it_documents_every_check() -> None:
    source = (ROOT / "arw_site" / "checks.py").read_text(encoding="utf-8")
    used = set(re.findall(r'"(arw\.[EW]\d{3})"', source))
    assert used == {row[0].strip("`") for row in rows(DOCUMENT) if row[0].startswith("`arw.")}


def test_it_reads_every_variable_that_the_settings_use() -> None:
    source = (ROOT / "arw_site" / "settings.py").read_text(encoding="utf-8")
    assert set(re.findall(r'_values\["(\w+)"\]', source)) <= {one.name for one in VARIABLES}


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("ARW_PORT", " 8092 ", 8092),
        ("ARW_HTTPS", "YES", True),
        ("ARW_HTTPS", "off", False),
        ("ARW_ALLOWED_HOSTS", "a, b,,", ["a", "b"]),
        ("ARW_TRUSTED_ORIGINS", "https://a,http://b:81", ["https://a", "http://b:81"]),
        ("ARW_PERSONA_PROPOSAL_TTL", "90m", 5400),
        ("ARW_PERSONA_VIBE_HISTORY_RETAIN", "9999", 500),
        ("ARW_PERSONA_VIBE_HISTORY_RETAIN", "-3", 1),
        ("ARW_PERSONA_SIGNAL_HALFLIFE_SECS", "off", None),
        ("ARW_PERSONA_FEEDBACK_RATE", "120", 120),
        ("ARW_PERSONA_FEEDBACK_RATE_PERSONA", "", 60_000),
        ("ARW_PERSONA_SELF_APPROVAL", "Allow", "allow"),
        ("ARW_DATABASE_URL", "sqlite:////tmp/x", "sqlite:////tmp/x"),
        ("ARW_REDIS_URL", "redis://127.0.0.1:1/0", "redis://127.0.0.1:1/0"),
        ("ARW_PORT", "", 8091),
    ],
)
def test_it_reads_values(name: str, text: str, value: Any) -> None:
    environment = Environment({name: text})
    assert environment.read()[name] == value
    assert environment.problems == []


BAD_VALUES = [
    ("ARW_PERSONA_FEEDBACK_RATE", "0"),
    ("ARW_PERSONA_FEEDBACK_RATE_PERSONA", "off"),
    ("ARW_PORT", "0"),
    ("ARW_PORT", "65536"),
    ("ARW_PORT", "80.5"),
    ("ARW_HTTPS", "maybe"),
    ("ARW_SERVER", "gunicorn"),
    ("ARW_LOG_LEVEL", "loud"),
    ("ARW_PERSONA_PROPOSAL_TTL", "0"),
    ("ARW_PERSONA_PROPOSAL_TTL", "a week"),
    ("ARW_PERSONA_PROPOSAL_TTL", "99999d"),
    ("ARW_PERSONA_SELF_APPROVAL", "true"),
    ("ARW_PERSONA_DEPTH", "1000"),
    ("ARW_DATABASE_URL", "nonsense"),
    ("ARW_DATABASE_URL", "mysql://a/b"),
    ("ARW_DATABASE_URL", "postgres://u:hidden@h:port/db"),
    ("ARW_DATABASE_URL", "postgres://u:hidden@h"),
    ("ARW_REDIS_URL", "nonsense"),
    ("ARW_REDIS_URL", "http://127.0.0.1"),
    ("ARW_TRUSTED_ORIGINS", "desk.example.org"),
    ("ARW_TRUSTED_ORIGINS", "https://a/path"),
]


@pytest.mark.parametrize(("name", "text"), BAD_VALUES)
def test_it_keeps_what_it_cannot_read_as_a_problem(name: str, text: str) -> None:
    environment = Environment({name: text})
    default = next(one.default for one in VARIABLES if one.name == name)
    assert environment.read()[name] == default
    (problem,) = environment.problems
    assert problem.startswith(name)
    assert "hidden" not in problem


def test_it_names_misspelt_variables() -> None:
    assert unknown_names({"ARW_PERSONA_ENABEL": "1", "ARW_PERSONA_ENABLE": "1", "ARW_X": ""}) == [
        "ARW_PERSONA_ENABEL"
    ]


# --- checks -----------------------------------------------------------------------------------

SHORT = "k" * 31
CHECKS: list[tuple[str, dict[str, Any]]] = [
    ("arw.E001", {"ENVIRONMENT_PROBLEMS": ("ARW_PORT is not a whole number",)}),
    ("arw.E002", {"SECRET_KEY": SHORT}),
    ("arw.E002", {"SECRET_KEY": ""}),
    ("arw.E003", {"ARW_PSEUDONYM_KEY": ""}),
    ("arw.E003", {"ARW_PSEUDONYM_KEY": SHORT}),
    ("arw.E004", {"ARW_PSEUDONYM_KEY": KEY}),
    ("arw.E005", {"ALLOWED_HOSTS": ["*"]}),
    ("arw.E005", {"ALLOWED_HOSTS": []}),
    ("arw.E006", {"ALLOWED_HOSTS": ["a.example"], "DEBUG": True, "ARW_HTTPS": True}),
    ("arw.E007", {"ALLOWED_HOSTS": ["a.example", "localhost"]}),
    ("arw.E007", {"ALLOWED_HOSTS": ["a.example", "testserver"]}),
    ("arw.E008", {"ARW_ADMIN_TOKEN": "short"}),
    ("arw.E009", {"ARW_ADMIN_TOKEN_SHA256": "x" * 64}),
    ("arw.E009", {"ARW_ADMIN_TOKEN_SHA256": "0" * 63}),
    ("arw.E011", {"ARW_STATE_DIR": Path("/nonexistent")}),
    ("arw.E013", {"ARW_POLICY_FILE": "/nonexistent"}),
]


@pytest.fixture
def sound(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings with which no check fires."""
    settings.SECRET_KEY, settings.ARW_PSEUDONYM_KEY = KEY, OTHER_KEY
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
    settings.DEBUG = settings.ARW_HTTPS = False
    settings.ARW_ADMIN_TOKEN = settings.ARW_ADMIN_TOKEN_SHA256 = ""
    settings.ARW_POLICY_FILE = ""
    settings.ENVIRONMENT_PROBLEMS = ()
    settings.DATABASES["default"]["ENGINE"] = "django.db.backends.sqlite3"
    return settings


def fired() -> list[str]:
    return [str(message.id) for message in checks.check_settings()]


def test_it_has_nothing_against_sound_settings(sound: Settings) -> None:
    assert fired() == []
    sound.ALLOWED_HOSTS, sound.ARW_HTTPS = ["desk.example.org"], True
    assert fired() == []


@pytest.mark.parametrize(("check", "change"), CHECKS)
def test_it_fires_each_check_alone(sound: Settings, check: str, change: dict[str, Any]) -> None:
    for name, value in change.items():
        setattr(sound, name, value)
    assert fired() == [check]


def test_it_wants_the_admin_token_once(sound: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    sound.ARW_ADMIN_TOKEN = secrets.token_urlsafe(24)
    monkeypatch.setenv("ARW_ADMIN_TOKEN_SHA256", "0" * 64)
    assert fired() == ["arw.E010"]


def test_it_warns_of_misspelt_variables(sound: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARW_PERSONA_SELF_APROVAL", "allow")
    assert fired() == ["arw.W001"]


# --- starting ---------------------------------------------------------------------------------


def start(tmp_path: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    state = tmp_path / "state"
    (state / "static").mkdir(parents=True, exist_ok=True)
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, *(command or ("-m", "uvicorn", "arw_site.asgi:application"))],
        cwd=ROOT,
        env={**inherited, "ARW_STATE_DIR": str(state), **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_it_does_not_start_without_keys(tmp_path: Path) -> None:
    done = start(tmp_path)
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["arw.E002", "arw.E003"]


def test_it_says_every_fault_on_a_line_of_its_own(tmp_path: Path) -> None:
    done = start(
        tmp_path,
        ARW_SECRET_KEY=KEY,
        ARW_PSEUDONYM_KEY=OTHER_KEY,
        **dict(BAD_VALUES),
        ARW_ALLOWED_HOSTS="*",
    )
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    assert "Traceback" not in done.stderr
    assert len(lines) == len(dict(BAD_VALUES)) + 1
    assert {line.partition(":")[0] for line in lines} == {"arw.E001", "arw.E005"}


def test_it_passes_the_deployment_check(tmp_path: Path) -> None:
    done = start(
        tmp_path,
        *("-W", "error", "manage.py", "check", "--deploy", "--fail-level", "WARNING"),
        ARW_SECRET_KEY=KEY,
        ARW_PSEUDONYM_KEY=OTHER_KEY,
        ARW_HTTPS="true",
        ARW_ALLOWED_HOSTS="desk.example.org",
        ARW_TRUSTED_ORIGINS="https://desk.example.org",
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_reads_keys_from_the_state_folder(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    for name, key in (("secret_key", KEY), ("pseudonym_key", OTHER_KEY)):
        (tmp_path / "state" / name).write_text(key + "\n", encoding="utf-8")
    assert start(tmp_path, "manage.py", "check").returncode == 0
