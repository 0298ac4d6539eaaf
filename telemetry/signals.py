"""News of the telemetry app. Names are in the past tense."""

from django.dispatch import Signal

# Sent inside the transaction with send(), so that a receiver that fails rolls the samples back.
# Arguments: persona_ids (set of str), now
samples_recorded = Signal()

# Sent after commit. Arguments: persona_id, samples (tuple of samples.Sample, sanitized), actor, now
feedback_recorded = Signal()

# Sent after commit. Arguments: persona_id, principal_id (UUID or None for everybody's), actor, now
samples_erased = Signal()
