"""Consent to vibe telemetry as the record states it, and nowhere else (contract §7)."""

from __future__ import annotations

from dataclasses import dataclass

from personas.documents.canonical import Json


@dataclass(frozen=True, slots=True)
class Consent:
    """``scope`` is what a lease or policy must allow; it is meaningful even while off."""

    enabled: bool
    scope: str

    def __bool__(self) -> bool:
        return self.enabled


def consent_of(document: Json) -> Consent:
    """The effective consent: on only where ``preferences.telemetry.vibe.enabled`` is ``true``.

    The scope defaults to the record's ``owner_kind``.
    """
    vibe: Json = document
    for key in ("preferences", "telemetry", "vibe"):
        vibe = vibe.get(key) if isinstance(vibe, dict) else None
    settings = vibe if isinstance(vibe, dict) else {}
    scope = settings.get("scope")
    if not isinstance(scope, str) or not scope:
        scope = document.get("owner_kind") or ""
    return Consent(enabled=settings.get("enabled") is True, scope=scope)
