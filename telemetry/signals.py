"""News of the telemetry app. Names are in the past tense."""

from django.dispatch import Signal

# Sent inside the transaction with send(), so that a receiver that fails rolls the samples back.
# Arguments: persona_ids (set of str), now, session (ingestion.session.Session: the transaction's)
samples_recorded = Signal(use_caching=True)

# Sent after commit, once for each group of requests that was committed together.
# Arguments: recorded (tuple of ingestion.submission.Recorded: persona_id, principal_id, samples,
# sanitized), now
feedback_recorded = Signal(use_caching=True)

# Sent after commit. Arguments: persona_id, principal_id (UUID or None for everybody's), actor, now
samples_erased = Signal()
