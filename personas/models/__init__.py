"""Tables of the change workflow: records, proposals, history (contract §3 to §5)."""

from personas.models.history import HistoryEntry
from personas.models.persona import Persona
from personas.models.proposal import Proposal

__all__ = ["HistoryEntry", "Persona", "Proposal"]
