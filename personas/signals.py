"""News from the change workflow. Names are in the past tense, but for the one that may refuse."""

from django.dispatch import Signal

# Sent inside the transaction with send(), so that a receiver that fails rolls the change back.
# Arguments: persona_id, before (Consent), after (Consent), entry (HistoryEntry), actor, now,
# accessibility_attested (bool)
consent_moving = Signal()

# Sent after commit. Arguments: persona_id, version, kind, entry, actor, now
persona_updated = Signal()

# Sent after commit. Arguments: persona_id, before (Consent), after (Consent), actor, now
consent_moved = Signal()

# Sent after commit. Arguments: proposal, actor, now
proposal_submitted = Signal()
proposal_approved = Signal()
proposal_rejected = Signal()
proposal_revised = Signal()
proposal_withdrawn = Signal()

# As those before, but actor is None: time decides
proposal_expired = Signal()

# Sent after commit. Arguments: proposal, approvals, required, actor, now
approval_recorded = Signal()

# Sent after commit. Arguments: proposal, comment, actor, now
proposal_commented = Signal()

# Asked while a persona is read. Receivers answer with a dict of further members of the detail.
# Arguments: persona, viewer, now
persona_detail_asked = Signal()

# Asked while a history is proved. Receivers answer with the newest Anchor they know, or None.
# Arguments: persona_id
anchor_asked = Signal()
