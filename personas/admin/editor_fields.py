"""How the editor's form shows the places of a record: labels, helps, sliders, what may be added.

The schema gives the kinds and limits; what is here gives them words. A place that has no entry is
drawn from its value alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from personas.documents.canonical import Json
from personas.documents.form_model import schema_places

LANES = ("episodic", "semantic", "procedural", "profile", "worldview")


def editor_fields(owner_kind: str) -> dict[str, dict[str, Any]]:
    """By place (``*`` stands for any key): what the schema says, and how it is shown."""
    places = {place: dict(facts) for place, facts in schema_places().items()}
    for group in (_identity, _traits, _preferences, _context, _beliefs):
        for place, shown in group(owner_kind).items():
            places.setdefault(place, {}).update(shown)
    return places


def _identity(_owner_kind: str) -> dict[str, dict[str, Any]]:
    return {
        "/name": {"label": _("Name"), "help": _("What people call it. May be empty.")},
        "/archetype": {
            "label": _("Archetype"),
            "help": _("Who it is, in a few words."),
        },
    }


def _traits(_owner_kind: str) -> dict[str, dict[str, Any]]:
    return {
        "/traits": {
            "label": _("Traits"),
            "suggest": _suggested(style="", strengths=[""], tone={"warmth": 0.5, "formality": 0.5}),
        },
        "/traits/style": {
            "label": _("Style"),
            "long": True,
            "help": _("How it writes and speaks, in sentences."),
        },
        "/traits/strengths": {"label": _("Strengths")},
        "/traits/tone": {
            "label": _("Tone"),
            "suggest": _suggested(warmth=0.5, formality=0.5, pace=0.5, humor=0.5),
        },
        "/traits/tone/*": _slider(0, 1),
        "/traits/big_five/*": _slider(0, 1),
    }


def _preferences(owner_kind: str) -> dict[str, dict[str, Any]]:
    vibe = {"enabled": False, "scope": owner_kind}
    return {
        "/preferences": {
            "label": _("Preferences"),
            "suggest": _suggested(
                interests=[""],
                boundaries={"topics_blocked": [""]},
                context={"lane_weights": {"semantic": 0}},
                telemetry={"vibe": vibe},
            ),
        },
        "/preferences/boundaries": {
            "label": _("Boundaries"),
            "help": _("What is taken out of these lists loosens the persona, and is marked so."),
            "suggest": _suggested(topics_blocked=[""], disallowed_behaviors=[""], safe_words=[""]),
        },
        "/preferences/telemetry": {"label": _("Telemetry"), "suggest": _suggested(vibe=vibe)},
        "/preferences/telemetry/vibe": {
            "label": _("Vibe telemetry"),
            "suggest": _suggested(**vibe),
        },
        "/preferences/telemetry/vibe/enabled": {
            "label": _("Ask for consent: telemetry on"),
            "help": _("Feedback is only kept while this is on. Approving it shows the notice."),
        },
        "/preferences/telemetry/vibe/scope": {
            "label": _("Scope"),
            "help": _("Who it is for; a lease or policy must allow it."),
        },
    }


def _context(_owner_kind: str) -> dict[str, dict[str, Any]]:
    return {
        "/preferences/context": {
            "label": _("Context"),
            "suggest": _suggested(lane_weights={}, slot_budgets={}, min_score_bias=0),
        },
        "/preferences/context/lane_weights": {
            "label": _("Lane weights"),
            "help": _("Lean towards a lane of memory (above zero) or away from it (below)."),
            "suggest": _suggested(**dict.fromkeys(LANES, 0)),
        },
        "/preferences/context/lane_weights/*": _slider(-1, 1),
        "/preferences/context/slot_budgets": {
            "label": _("Slot budgets"),
            "help": _("At least so many items of each kind."),
        },
        "/preferences/context/slot_budgets/*": {"minimum": 0, "step": 1},
        "/preferences/context/min_score_bias": {
            **_slider(-0.5, 0.5),
            "label": _("Minimum score"),
        },
    }


def _beliefs(_owner_kind: str) -> dict[str, dict[str, Any]]:
    return {
        "/worldview": {
            "label": _("Worldview"),
            "suggest": _suggested(summary="", beliefs=[{"statement": "", "confidence": 0.5}]),
        },
        "/worldview/summary": {"label": _("Summary"), "long": True},
        "/worldview/beliefs": {"label": _("Beliefs")},
        "/worldview/beliefs/*": {"suggest": _suggested(statement="", confidence=0.5, sources=[])},
        "/worldview/beliefs/*/confidence": {**_slider(0, 1), "label": _("Confidence")},
        "/vibe_profile": {"label": _("Vibe profile")},
        "/calibration": {"label": _("Calibration"), "suggest": _suggested(confidence=0.5)},
        "/calibration/confidence": {**_slider(0, 1), "label": _("Confidence")},
        "/calibration/competence/*": _slider(0, 1),
    }


def _slider(low: float, high: float) -> dict[str, Any]:
    return {"minimum": low, "maximum": high, "step": 0.05, "slider": True}


def _suggested(**values: Json) -> list[dict[str, Json]]:
    """Keys that are usual here, each with what it begins with."""
    return [{"key": key, "value": value} for key, value in values.items()]


def editor_words() -> dict[str, str]:
    """Every word that the editor's scripts say; braces hold what they put in."""
    return {name: word for group in _WORDS for name, word in group().items()}


def _form_words() -> dict[str, str]:
    return {
        "add": _("Add"),
        "addTo": _("Add to {name}"),
        "addItem": _("Add an item to {name}"),
        "added": _("Added {name}."),
        "cancel": _("Cancel"),
        "remove": _("Remove {name}"),
        "removed": _("Removed {name}."),
        "up": _("Move {name} up"),
        "down": _("Move {name} down"),
        "moved": _("{name} is now {position} of {count}."),
        "item": _("{name} {position}"),
        "empty": _("Nothing here yet."),
        "noValue": _("no value"),
        "key": _("Name of the new field"),
        "keyNeeded": _("Give the new field a name."),
        "keyTaken": _("There is a field of that name already."),
        "kind": _("Kind"),
        "identity": _("Identity"),
        "count": _("{count} fields"),
        "countOne": _("1 field"),
    }


def _kind_words() -> dict[str, str]:
    return {
        "kindText": _("Text"),
        "kindNumber": _("Number"),
        "kindYesNo": _("Yes or no"),
        "kindList": _("List"),
        "kindGroup": _("Group of fields"),
    }


def _state_words() -> dict[str, str]:
    return {
        "none": _("No changes yet."),
        "unchanged": _("This changes nothing: there is nothing to propose yet."),
        "working": _("Looking at what it would do…"),
        "faultOne": _("1 problem. Nothing can be submitted until it is solved."),
        "faults": _("{count} problems. Nothing can be submitted until they are solved."),
        "unreadable": _("This cannot be read yet. Correct it here, or go back to what it was."),
        "offline": _("The preview could not be made: no answer. What you typed is kept here."),
        "signedOut": _("You are signed out. What you typed is kept in this browser."),
        "another": _("Somebody else has signed in here. Copy what you typed, then reload."),
        "refused": _("The preview was refused. Reload the page; what you typed is kept."),
        "bytes": _("{used} of {limit} KiB"),
        "operations": _("{used} of {limit}"),
    }


_WORDS: tuple[Callable[[], dict[str, str]], ...] = (_form_words, _kind_words, _state_words)
