"""Every variable the server reads from its environment, in one table. Pure.

``docs/settings.md`` prints it, and a test keeps the two equal.
"""

from __future__ import annotations

from arw_site.addresses import SecretUrls, base_url, secret_urls
from arw_site.environment.casts import (
    boolean,
    choice,
    clamped,
    database_url,
    half_life,
    integer,
    names,
    origins,
    redis_url,
    seconds,
)
from arw_site.environment.variable import Variable

VARIABLES: tuple[Variable, ...] = (
    Variable(
        "ARW_STATE_DIR",
        str,
        "",
        "Folder for the database, keys and collected static files.",
        "`arw-personas` in the user's data home",
    ),
    Variable(
        "ARW_SECRET_KEY",
        str,
        "",
        "Signs sessions. At least 32 characters. There is no default: without it, and without "
        "the file `secret_key` in the state folder, the server does not start.",
        "the file `secret_key`",
    ),
    Variable(
        "ARW_PSEUDONYM_KEY",
        str,
        "",
        "Keys the pseudonyms that name actors in events and logs. At least 32 characters, and "
        "not the secret key.",
        "the file `pseudonym_key`",
    ),
    Variable("ARW_PORT", integer(1, 65_535), 8091, "Port of `make run`, on 127.0.0.1."),
    Variable(
        "ARW_SERVER",
        choice("uvicorn", "daphne"),
        "uvicorn",
        "The ASGI server of `make run`: `uvicorn` or `daphne`.",
    ),
    Variable(
        "ARW_PROCESSES",
        integer(1, 64),
        1,
        "Server processes behind the one port of `make run`. More than one need `ARW_REDIS_URL`.",
    ),
    Variable(
        "ARW_ALLOWED_HOSTS",
        names,
        ["127.0.0.1", "localhost", "[::1]"],
        "Host names the server answers to, separated by commas. `*` is refused.",
    ),
    Variable(
        "ARW_TRUSTED_ORIGINS",
        origins,
        [],
        "Origins such as `https://desk.example.org` from which forms are accepted behind a proxy.",
        "none",
    ),
    Variable(
        "ARW_HTTPS",
        boolean,
        False,
        "Behind TLS: secure cookies, HSTS, redirect to https. The proxy's `X-Forwarded-For` and "
        "`X-Forwarded-Proto` are believed, which they are not without it. Required for any host "
        "that is not loopback.",
    ),
    Variable("ARW_DEBUG", boolean, False, "Django's debug mode. Refused beyond loopback hosts."),
    Variable(
        "ARW_DATABASE_URL",
        database_url,
        "",
        "`postgres://user:password@host:port/name`, or `sqlite:///path`.",
        "SQLite, `arw.sqlite3` in the state folder",
    ),
    Variable(
        "ARW_SQLITE_SYNCHRONOUS",
        choice("normal", "full"),
        "normal",
        "SQLite: `normal` survives every end of the process; `full` also survives a power cut "
        "without losing the last commits, and waits for the disk at each.",
    ),
    Variable(
        "ARW_INGEST_QUEUE",
        integer(1_000, 10_000_000),
        100_000,
        "Most feedback samples that wait to be stored, in one process. More are answered with "
        "503 and `Retry-After`.",
    ),
    Variable(
        "ARW_REDIS_URL",
        redis_url,
        "",
        "`redis://host:port/0`: makes one service of many nodes and processes. The event streams, "
        "the metrics of feedback, the rate clamp and the throttle of sign-ins are shared there.",
        "none: kept by each process, or in the state folder",
    ),
    Variable(
        "ARW_ADMIN_TOKEN",
        str,
        "",
        "A bearer token for the built-in service principal of the group `admins`. At least 16 "
        "characters.",
        "none",
    ),
    Variable(
        "ARW_ADMIN_TOKEN_SHA256",
        str,
        "",
        "The SHA-256 of that token in hex, so that the token itself is nowhere on the server.",
        "none",
    ),
    Variable(
        "ARW_POLICY_FILE",
        str,
        "",
        "The policy, a JSON file (see docs/policy.md). Read at the start, on SIGHUP and by "
        "`POST /policy/reload`. The server does not start on an invalid one.",
        "none: deny, leases only",
    ),
    Variable(
        "ARW_LEASE_MAX_LIFE",
        seconds,
        7 * 86_400,
        "How long after it was granted a lease can be renewed to: seconds, or with `m`, `h`, `d`.",
        "7d",
    ),
    Variable(
        "ARW_WORKER",
        boolean,
        True,
        "Whether the server's own worker writes down what time decides, such as expiry. Off where "
        "`manage.py sweep` runs as a job of its own.",
    ),
    Variable(
        "ARW_BASE_URL",
        base_url,
        "",
        "Where people reach the server, such as `https://desk.example.org`: for links in messages.",
        "none: messages without links",
    ),
    Variable(
        "ARW_NOTIFY_URLS",
        secret_urls,
        SecretUrls(),
        "Apprise addresses that are told what happens to proposals, separated by white space or "
        "commas. They hold tokens: treat the value as a secret.",
        "none: nobody outside is told",
    ),
    Variable("ARW_METRICS_PUBLIC", boolean, False, "Whether `/metrics` answers without a token."),
    Variable("ARW_LOG_LEVEL", choice("debug", "info", "warning", "error"), "info", "Log level."),
    Variable(
        "ARW_LOG_FORMAT",
        choice("auto", "console", "json"),
        "auto",
        "`console` for people, `json` for machines; `auto` decides by whether stderr is a "
        "terminal.",
    ),
    Variable(
        "ARW_EVENT_LOG",
        boolean,
        True,
        "Whether the server writes its own events to the local event log in `AGENTWELLNESS_HOME`.",
    ),
    Variable(
        "ARW_PERSONA_ENABLE",
        boolean,
        True,
        "The feature itself: off, every persona route answers 501.",
    ),
    Variable(
        "ARW_PERSONA_PROPOSAL_TTL",
        seconds,
        7 * 86_400,
        "How long a proposal can be decided: seconds, or with `m`, `h`, `d`.",
        "7d",
    ),
    Variable(
        "ARW_PERSONA_SELF_APPROVAL",
        choice("deny", "allow"),
        "deny",
        "`allow` lets a single operator approve their own proposals.",
    ),
    Variable(
        "ARW_PERSONA_APPROVALS_REQUIRED",
        integer(1, 20),
        1,
        "Distinct approvers that a change needs.",
    ),
    Variable(
        "ARW_PERSONA_APPROVALS_REQUIRED_HIGH",
        integer(1, 20),
        None,
        "Distinct approvers that a change of high severity needs.",
        "as `ARW_PERSONA_APPROVALS_REQUIRED`",
    ),
    Variable(
        "ARW_PERSONA_ACCESSIBILITY",
        choice("builtin", "attest"),
        "builtin",
        "`attest`: a grant of consent needs `accessibility_attested: true`.",
    ),
    Variable(
        "ARW_PERSONA_VIBE_HISTORY_RETAIN",
        clamped(1, 500),
        50,
        "Feedback samples kept per persona, clamped to 1..500.",
    ),
    Variable(
        "ARW_PERSONA_VIBE_MAX_AGE",
        seconds,
        7 * 86_400,
        "Age at which a feedback sample is no longer kept or shown.",
        "7d",
    ),
    Variable(
        "ARW_PERSONA_SIGNAL_HALFLIFE_SECS",
        half_life,
        86_400,
        "Half-life of a feedback sample's weight in the metrics, or `off`.",
    ),
    Variable(
        "ARW_PERSONA_FEEDBACK_RATE",
        integer(1, 1_000_000_000),
        6_000,
        "Requests for feedback that a principal may make in a minute; a batch is one.",
    ),
    Variable(
        "ARW_PERSONA_FEEDBACK_RATE_PERSONA",
        integer(1, 1_000_000_000),
        60_000,
        "Requests for feedback that a persona may get in a minute, from all together.",
    ),
    Variable(
        "ARW_PERSONA_SAMPLES_PER_DAY",
        integer(0, 1_000_000_000),
        0,
        "Feedback samples that a persona takes in a day (UTC), see docs/quotas.md; 0 is no limit.",
    ),
    Variable(
        "ARW_PERSONA_MEMORY_PER_DAY",
        integer(0, 1_000_000_000),
        0,
        "Memory items that are written for a persona in a day (UTC); 0 is no limit.",
    ),
    Variable(
        "ARW_PERSONA_PROPOSALS_PER_DAY",
        integer(0, 1_000_000_000),
        0,
        "Proposals that are submitted about a persona in a day (UTC); 0 is no limit.",
    ),
    Variable(
        "ARW_PERSONA_CALIBRATION_INTERVAL",
        seconds,
        3600,
        "Time between two versions of a record that self-model reports make: seconds, or with "
        "`m`, `h`, `d`.",
        "1h",
    ),
    Variable(
        "ARW_PERSONA_DOCUMENT_BYTES",
        integer(1024, 16_777_216),
        65_536,
        "Largest record, as canonical JSON.",
    ),
    Variable("ARW_PERSONA_DIFF_BYTES", integer(256, 16_777_216), 32_768, "Largest diff."),
    Variable(
        "ARW_PERSONA_DIFF_OPERATIONS", integer(1, 10_000), 200, "Most operations in one diff."
    ),
    Variable("ARW_PERSONA_DEPTH", integer(2, 60), 16, "Deepest nesting of a record."),
    Variable(
        "ARW_PERSONA_STRING_BYTES",
        integer(64, 16_777_216),
        8192,
        "Longest string in a record, in bytes of UTF-8.",
    ),
)
