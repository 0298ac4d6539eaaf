"""System checks: the server does not start on a setting that is unsafe or contradictory."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import mail
from django.core.checks import CheckMessage, Error, Tags, register, run_checks
from django.core.checks import Warning as Caution
from django.core.exceptions import ImproperlyConfigured

from arw_site.environment import unknown_names
from leases.policy.faults import InvalidPolicy
from leases.policy.files import policy_file_parse

LOOPBACK = {"127.0.0.1", "localhost", "[::1]", "::1"}
MIN_KEY_LENGTH = 32
MIN_TOKEN_LENGTH = 16


@register(Tags.security)
def check_settings(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Everything wrong with the environment, all at once."""
    return [
        *_unreadable(),
        *_keys(),
        *_hosts(),
        *_admin_token(),
        *_state(),
        *_quorum(),
        *_policy(),
        *_processes(),
        *_unknown(),
    ]


def refuse_unsafe_start() -> None:
    """Print every error and leave with exit code 1, unless the settings are sound.

    Management commands run the checks themselves; an ASGI server would not.
    """
    errors = [message for message in run_checks(tags=[Tags.security]) if message.is_serious()]
    if errors:
        for error in errors:
            sys.stderr.write(f"{error.id}: {error.msg}\n")
        raise SystemExit(1)


def _unreadable() -> Iterator[CheckMessage]:
    for problem in settings.ENVIRONMENT_PROBLEMS:
        yield Error(problem, hint="See docs/settings.md.", id="arw.E001")


def _keys() -> Iterator[CheckMessage]:
    secret_key = _secret_key()
    if len(secret_key) < MIN_KEY_LENGTH:
        yield Error(
            f"ARW_SECRET_KEY is unset or has fewer than {MIN_KEY_LENGTH} characters.",
            hint="Let `make run` make one, or set a long random value.",
            id="arw.E002",
        )
    if len(settings.ARW_PSEUDONYM_KEY) < MIN_KEY_LENGTH:
        yield Error(
            f"ARW_PSEUDONYM_KEY is unset or has fewer than {MIN_KEY_LENGTH} characters.",
            hint="Let `make run` make one, or set a long random value.",
            id="arw.E003",
        )
    elif secret_key == settings.ARW_PSEUDONYM_KEY:
        yield Error(
            "ARW_PSEUDONYM_KEY is the secret key.",
            hint="Pseudonyms need a key of their own, so that either can be changed alone.",
            id="arw.E004",
        )


def _secret_key() -> str:
    try:
        return str(settings.SECRET_KEY)
    except ImproperlyConfigured:
        # Django's way to say that it is empty; the check says it in the words of the operator.
        return ""


def _hosts() -> Iterator[CheckMessage]:
    hosts = set(settings.ALLOWED_HOSTS)
    if "*" in hosts:
        yield Error("ARW_ALLOWED_HOSTS must name the hosts; * allows any.", id="arw.E005")
    if not hosts:
        yield Error("ARW_ALLOWED_HOSTS is empty: nothing could be served.", id="arw.E005")
    beyond = sorted(hosts - LOOPBACK - {"*"} - _test_hosts())
    if beyond and settings.DEBUG:
        yield Error(f"ARW_DEBUG is on for {', '.join(beyond)}.", id="arw.E006")
    if beyond and not settings.ARW_HTTPS:
        yield Error(
            f"ARW_HTTPS is off, but {', '.join(beyond)} can be reached from elsewhere.",
            hint="Serve it behind TLS and set ARW_HTTPS=true.",
            id="arw.E007",
        )


def _test_hosts() -> set[str]:
    # Django's test runner serves "testserver". It alone makes a mail outbox: no variable can.
    return {"testserver"} if hasattr(mail, "outbox") else set()


def _admin_token() -> Iterator[CheckMessage]:
    token, digest = settings.ARW_ADMIN_TOKEN, settings.ARW_ADMIN_TOKEN_SHA256
    if token and len(token) < MIN_TOKEN_LENGTH:
        yield Error(f"ARW_ADMIN_TOKEN has fewer than {MIN_TOKEN_LENGTH} characters.", id="arw.E008")
    if digest and not re.fullmatch(r"[0-9a-f]{64}", digest):
        yield Error("ARW_ADMIN_TOKEN_SHA256 is no SHA-256 in hex.", id="arw.E009")
    if token and os.environ.get("ARW_ADMIN_TOKEN_SHA256", "").strip():
        yield Error(
            "ARW_ADMIN_TOKEN and ARW_ADMIN_TOKEN_SHA256 are both set.",
            hint="Keep one of them; the hash is the safer one.",
            id="arw.E010",
        )


def _state() -> Iterator[CheckMessage]:
    folder = Path(settings.ARW_STATE_DIR)
    uses_folder = settings.DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3"
    if uses_folder and not os.access(folder, os.W_OK | os.X_OK):
        yield Error(
            "ARW_STATE_DIR does not exist or cannot be written.",
            hint="`make run` makes it; otherwise create it with mode 0700.",
            id="arw.E011",
        )


def _quorum() -> Iterator[CheckMessage]:
    if settings.ARW_PERSONA_APPROVALS_REQUIRED_HIGH < settings.ARW_PERSONA_APPROVALS_REQUIRED:
        yield Error(
            "ARW_PERSONA_APPROVALS_REQUIRED_HIGH is lower than ARW_PERSONA_APPROVALS_REQUIRED.",
            hint="A grave change cannot need fewer approvers than any other.",
            id="arw.E012",
        )


def _policy() -> Iterator[CheckMessage]:
    if not settings.ARW_POLICY_FILE:
        return
    try:
        policy_file_parse(Path(settings.ARW_POLICY_FILE))
    except InvalidPolicy as error:
        yield Error(error.detail, hint="See docs/policy.md.", id="arw.E013")


def _processes() -> Iterator[CheckMessage]:
    if settings.ARW_PROCESSES > 1 and not settings.ARW_REDIS_URL:
        yield Error(
            "ARW_PROCESSES is above 1, and ARW_REDIS_URL is not set.",
            hint="Without Redis each process has metrics, limits and streams of its own.",
            id="arw.E014",
        )


def _unknown() -> Iterator[CheckMessage]:
    for name in unknown_names(os.environ):
        yield Caution(f"{name} is no setting of this server.", id="arw.W001")
