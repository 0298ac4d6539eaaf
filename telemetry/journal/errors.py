"""What can go wrong with the journal (contract §2, §10)."""

from __future__ import annotations

from leases.errors import Conflict, Forbidden, InvalidInput


class JournalForbidden(Forbidden):
    """The role does not carry the right to give feedback, which reflections are."""

    title = "Journal Forbidden"
    code = "role_required"
    refuses = "journal.answer"
    default_detail = "keeping a journal needs the role of a member"


class InvalidReflection(InvalidInput):
    """The rhythm, the prompt or the text breaks a rule."""

    title = "Invalid Reflection"
    code = "invalid_reflection"


class AlreadyReflected(Conflict):
    """The prompt of this period was answered before; the first answer stands.

    Facts: ``period``, and ``item_id`` of the answer that stands.
    """

    title = "Already Reflected"
    code = "already_reflected"
    default_detail = "this prompt was answered already; each is answered once"
