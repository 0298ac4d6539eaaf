"""The change workflow on the desk: model lists and pages."""

from personas.admin.approver_rule import ApproverRuleAdmin
from personas.admin.history import HistoryEntryAdmin
from personas.admin.persona import PersonaAdmin
from personas.admin.proposal import ProposalAdmin

__all__ = ["ApproverRuleAdmin", "HistoryEntryAdmin", "PersonaAdmin", "ProposalAdmin"]
