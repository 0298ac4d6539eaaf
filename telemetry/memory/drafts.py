"""A memory item as a client sends it: checked, with a JSON pointer to each fault (§10). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from leases import strict_json
from leases.capabilities import OWNER_KINDS
from leases.errors import Fault
from personas.documents.canonical import Json
from personas.documents.limits import exceeds
from personas.documents.pointer import escape
from telemetry.memory.errors import InvalidMemoryItem
from telemetry.redaction import NOTE_POLICY, REDACTED, sanitize, sanitize_text

LANES = ("episodic", "semantic", "procedural", "profile", "worldview")
TEXT_MAX_BYTES = 8192
VALUE_MAX_BYTES = 8192
VALUE_MAX_DEPTH = 6
TAGS_MAX = 20
TAG_MAX = 64
SOURCE_MAX = 200
OWNER_REF_MAX = 256
RELEVANCES_MAX = 100

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Draft:
    """What an item is to hold, checked and sanitized. ``relevance`` is by persona id, 0..1."""

    lane: str
    text: str
    value: Json
    tags: tuple[str, ...]
    confidence: float | None
    source: str
    owner_kind: str
    owner_ref: str
    relevance: Mapping[str, float]


def read_draft(given: Mapping[str, Any]) -> Draft:
    """The draft of the members ``lane, text, value, tags, confidence, source, owner_kind,
    owner_ref, relevance``; what is absent or null is empty.

    An item needs a text or a value. Secrets and personal data are taken out of text, value, tags
    and source (contract §9). Raises ``InvalidMemoryItem`` with a pointer to each fault.
    """
    faults: list[Fault] = []
    draft = Draft(
        lane=_choice(given, "lane", LANES, faults),
        text=_text(given, faults),
        value=_value(given.get("value"), faults),
        tags=_tags(given.get("tags"), faults),
        confidence=None
        if given.get("confidence") is None
        else _share(given["confidence"], "/confidence", faults),
        source=_source(given, faults),
        owner_kind=_choice(given, "owner_kind", OWNER_KINDS, faults),
        owner_ref=_owner_ref(given.get("owner_ref"), faults),
        relevance=_relevance(given.get("relevance"), faults),
    )
    if not faults and not draft.text and draft.value is None:
        faults.append(Fault("/text", "an item needs a text or a value", "empty"))
    if faults:
        raise InvalidMemoryItem(f"{faults[0].pointer}: {faults[0].message}", errors=faults)
    return draft


def _choice(
    given: Mapping[str, Any], name: str, known: tuple[str, ...], faults: list[Fault]
) -> str:
    chosen = given.get(name)
    if isinstance(chosen, str) and chosen in known:
        return chosen
    faults.append(Fault(f"/{name}", f"{name} must be one of {', '.join(known)}", "choice"))
    return known[0]


def _text(given: Mapping[str, Any], faults: list[Fault]) -> str:
    text = given.get("text")
    if text is None:
        return ""
    if not isinstance(text, str):
        faults.append(Fault("/text", "text must be a string", "type"))
    elif _UNSTORABLE.search(text):
        message = "text must not hold U+0000 or lone surrogates"
        faults.append(Fault("/text", message, "invalid_character"))
    elif (size := len(text.encode())) > TEXT_MAX_BYTES:
        message = f"text has at most {TEXT_MAX_BYTES} bytes; this one has {size}"
        faults.append(Fault("/text", message, "too_long"))
    else:
        return str(sanitize_text(text, NOTE_POLICY).value)
    return ""


def _value(value: Json, faults: list[Fault]) -> Json:
    if value is None:
        return None
    try:
        strict_json.check(value, max_depth=VALUE_MAX_DEPTH)
    except strict_json.StrictJSONError as error:
        faults.extend(Fault("/value" + one.pointer, one.message, one.code) for one in error.faults)
        return None
    if exceeds(value, VALUE_MAX_BYTES):
        message = f"value has at most {VALUE_MAX_BYTES} bytes as canonical JSON"
        faults.append(Fault("/value", message, "too_large"))
        return None
    return sanitize(value, NOTE_POLICY).value


def _tags(tags: Any, faults: list[Fault]) -> tuple[str, ...]:
    if tags is None:
        return ()
    if not isinstance(tags, list | tuple):
        faults.append(Fault("/tags", "tags must be an array of strings", "type"))
        return ()
    if len(tags) > TAGS_MAX:
        message = f"an item has at most {TAGS_MAX} tags; this one has {len(tags)}"
        faults.append(Fault("/tags", message, "too_many"))
        return ()
    kept = [_label(tag, f"/tags/{at}", "a tag", TAG_MAX, faults) for at, tag in enumerate(tags)]
    # Together once more: a secret may be cut into pieces that are harmless by themselves.
    whole = sanitize([tag for tag in kept if tag], NOTE_POLICY).value
    return tuple(dict.fromkeys(map(str, whole)))


def _source(given: Mapping[str, Any], faults: list[Fault]) -> str:
    source = given.get("source")
    return _label(source, "/source", "source", SOURCE_MAX, faults) if source else ""


def _label(label: Any, at: str, what: str, longest: int, faults: list[Fault]) -> str:
    if not isinstance(label, str):
        faults.append(Fault(at, f"{what} must be a string", "type"))
    elif not label.strip():
        faults.append(Fault(at, f"{what} must not be empty", "empty"))
    elif len(label) > longest:
        message = f"{what} has at most {longest} characters; this one has {len(label)}"
        faults.append(Fault(at, message, "too_long"))
    elif _CONTROL.search(label):
        message = f"{what} must not hold control characters or lone surrogates"
        faults.append(Fault(at, message, "invalid_character"))
    else:
        # A label that holds anything of the sort is replaced whole, as a signal is.
        cleaned = sanitize(label, NOTE_POLICY)
        return REDACTED if cleaned.redacted else str(cleaned.value)
    return ""


def _owner_ref(ref: Any, faults: list[Fault]) -> str:
    if isinstance(ref, str) and ref.strip() and len(ref) <= OWNER_REF_MAX:
        if not _CONTROL.search(ref):
            return ref
        message = "owner_ref must not hold control characters or lone surrogates"
        faults.append(Fault("/owner_ref", message, "invalid_character"))
        return ""
    message = f"owner_ref must be a string of 1 to {OWNER_REF_MAX} characters"
    faults.append(Fault("/owner_ref", message, "invalid"))
    return ""


def _relevance(scores: Any, faults: list[Fault]) -> dict[str, float]:
    if scores is None:
        return {}
    if not isinstance(scores, Mapping) or len(scores) > RELEVANCES_MAX:
        message = f"relevance must be an object of at most {RELEVANCES_MAX} scores by persona id"
        faults.append(Fault("/relevance", message, "type"))
        return {}
    return {
        str(persona_id): _share(score, f"/relevance/{escape(str(persona_id))}", faults)
        for persona_id, score in scores.items()
    }


def _share(value: Any, at: str, faults: list[Fault]) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        faults.append(Fault(at, "must be a number", "type"))
    elif not 0 <= value <= 1:  # nor is NaN
        faults.append(Fault(at, "must lie between 0 and 1", "out_of_range"))
    else:
        return float(value) + 0.0  # no negative zero
    return 0.0
