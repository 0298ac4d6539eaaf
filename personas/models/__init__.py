"""Tables of the change workflow: records, proposals, history (contract §3 to §5)."""

from personas.models.approval import Approval
from personas.models.approver_rule import ApproverRule
from personas.models.comment import Comment
from personas.models.daily_use import DailyUse
from personas.models.history import HistoryEntry
from personas.models.notification import Notification
from personas.models.outbox import OutboxMessage
from personas.models.persona import Persona
from personas.models.proposal import Proposal
from personas.models.revision import ProposalRevision

__all__ = [
    "Approval",
    "ApproverRule",
    "Comment",
    "DailyUse",
    "HistoryEntry",
    "Notification",
    "OutboxMessage",
    "Persona",
    "Proposal",
    "ProposalRevision",
]
