"""Holding a record while something is decided on it."""

from __future__ import annotations

from personas.errors import PersonaNotFound
from personas.models import Persona


def persona_locked(persona_id: str) -> Persona:
    """The record as it is now, held until the transaction ends. Raises ``PersonaNotFound``.

    Whoever writes the record, or what hangs on it, comes before or after. SQLite needs no lock
    on the row, since its write transactions exclude each other.
    """
    try:
        return Persona.objects.select_for_update(no_key=True).get(pk=persona_id)
    except (Persona.DoesNotExist, ValueError):
        raise PersonaNotFound from None
