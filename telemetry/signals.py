"""News of the telemetry app. Names are in the past tense."""

from django.dispatch import Signal

# Sent inside the transaction with send(), so that a receiver that fails rolls the samples back.
# Arguments: persona_ids (set of str), now, session (ingestion.session.Session: the transaction's)
samples_recorded = Signal(use_caching=True)

# Sent after commit, once for each group of requests that was committed together.
# Arguments: recorded (tuple of ingestion.submission.Recorded: persona_id, principal_id, samples,
# sanitized), now
feedback_recorded = Signal(use_caching=True)

# Sent after commit. Arguments: persona_id, item_id (UUID), actor, now
reflection_completed = Signal()

# Sent after commit. Arguments: persona_id, principal_id (UUID or None for everybody's), actor, now
samples_erased = Signal()

# Sent after commit, once when an excursion begins (self_model.hysteresis).
# Arguments: persona_id, score, baseline and latest (dict of measures), actor, now
persona_drifted = Signal()

# Sent after commit. Arguments: item (MemoryItem; a tombstone once it is erased), actor, now
memory_upserted = Signal()
memory_erased = Signal()

# Sent after commit, once when an excursion begins. Arguments: persona_id, score, beliefs (how many
# were compared), version, actor (None is time itself), now
worldview_drifted = Signal()
