"""Who acted, in every form that logs know (spec 002 "Backward compatibility")."""

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from telemetry.redaction import Sanitized

KINDS: Final = frozenset({"human", "agent", "system"})
UNKNOWN: Final = "unknown"


class Actor(NamedTuple):
    """`kind` is human, agent or system; `id` is sanitized and never empty."""

    kind: str
    id: str


NOBODY: Final = Actor("system", UNKNOWN)


def normalise(actor: Any) -> Actor:
    """The actor that a row or a caller means; the id is not sanitized yet.

    | input | result |
    | object | its kind, `system` where invalid; its id as text, `unknown` where empty or null |
    | a kind, in any case | that kind, `unknown` |
    | `kind:x` | that kind, the whole string |
    | other string | `system`, the string |
    | anything else | `system`, `unknown` |
    """
    if isinstance(actor, str):
        return _from_text(actor.strip())
    if isinstance(actor, dict):
        kind, identity = actor.get("kind"), actor.get("id")
        name = kind.strip().lower() if isinstance(kind, str) else ""
        text = "" if identity is None else _as_text(identity).strip()
        return Actor(name if name in KINDS else "system", text or UNKNOWN)
    return NOBODY


def normalise_safely(actor: Any) -> tuple[Actor, int, int]:
    """The actor with a sanitized id, and how many fields were redacted and truncated."""
    kind, identity = normalise(actor)
    safe = _safe_id(identity)
    return Actor(kind, str(safe.value) or UNKNOWN), safe.redacted, safe.truncated


@lru_cache(maxsize=1024)
def _safe_id(identity: str) -> "Sanitized":
    from telemetry.redaction import sanitize_text

    return sanitize_text(identity)


def _from_text(text: str) -> Actor:
    if not text:
        return NOBODY
    if text.lower() in KINDS:
        return Actor(text.lower(), UNKNOWN)
    kind = text.partition(":")[0].strip().lower() if ":" in text else ""
    return Actor(kind if kind in KINDS else "system", text)


def _as_text(value: Any) -> str:
    try:
        return str(value)
    except (ValueError, RecursionError):  # an integer of more digits than Python writes out
        return UNKNOWN
