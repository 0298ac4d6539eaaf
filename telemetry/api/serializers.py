"""Shapes of feedback, metrics, consent and receipts (contract §7, §13)."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from leases.api.fields import StrictBoolean, StrictString
from leases.instants import rfc3339
from telemetry import samples
from telemetry.models import ConsentReceipt, VibeSample


class SampleIn(serializers.Serializer[Any]):
    """One piece of feedback; every member may be left out or null. A batch is an array of them."""

    kind = serializers.CharField(required=False, allow_null=True, max_length=samples.KIND_MAX)
    signal = serializers.CharField(
        required=False,
        allow_null=True,
        max_length=samples.SIGNAL_MAX,
        help_text=f"Such as `warmer`; `{samples.DEFAULT_SIGNAL}` when left out.",
    )
    strength = serializers.FloatField(required=False, allow_null=True, min_value=0, max_value=1)
    note = serializers.CharField(required=False, allow_null=True, max_length=samples.NOTE_MAX)
    metadata = serializers.DictField(
        required=False,
        allow_null=True,
        help_text=f"At most {samples.METADATA_MAX_BYTES} bytes, {samples.METADATA_MAX_DEPTH} deep.",
    )
    id = serializers.CharField(
        required=False,
        allow_null=True,
        max_length=samples.ID_MAX,
        help_text="Makes a repeat of this sample count once, for 24 hours.",
    )


class AcceptedOut(serializers.Serializer[Any]):
    """The samples are committed."""

    status = serializers.ChoiceField(choices=["accepted"])
    count = serializers.IntegerField(help_text="Samples in the request, repeats included.")


class SampleOut(serializers.Serializer[Any]):
    """A sample as it was stored: sanitized."""

    id = serializers.IntegerField()
    persona_id = serializers.CharField()
    kind = serializers.CharField(allow_null=True)
    signal = serializers.CharField()
    strength = serializers.FloatField(allow_null=True)
    note = serializers.CharField(allow_null=True)
    metadata = serializers.DictField(allow_null=True)
    recorded_at = serializers.CharField(help_text="RFC 3339 with milliseconds.")

    def to_representation(self, sample: VibeSample) -> dict[str, Any]:
        return {
            "id": sample.pk,
            "persona_id": sample.persona_id,
            "kind": sample.kind,
            "signal": sample.signal,
            "strength": sample.strength,
            "note": sample.note,
            "metadata": sample.metadata,
            "recorded_at": rfc3339(sample.recorded_at),
        }


class VibeHistoryOut(serializers.Serializer[Any]):
    """The newest samples, the newest first."""

    items = SampleOut(many=True)
    retain_max = serializers.IntegerField(help_text="How many samples a persona keeps.")
    limit = serializers.IntegerField(help_text="The limit that was used.")


class FlagOut(serializers.Serializer[Any]):
    """A misalignment that people raised."""

    flag = serializers.CharField()
    people = serializers.IntegerField()
    samples = serializers.IntegerField()


class AxisOut(serializers.Serializer[Any]):
    """Where people pull the persona; one vote for each."""

    axis = serializers.CharField()
    low = serializers.CharField(allow_null=True, help_text="Null: the signal has no opposite.")
    high = serializers.CharField()
    balance = serializers.FloatField(min_value=-1, max_value=1)
    people_for = serializers.IntegerField()
    people_against = serializers.IntegerField()
    disagreement = serializers.FloatField(min_value=0, max_value=1)


class AggregatesOut(serializers.Serializer[Any]):
    """What the samples that are kept amount to; each person counts once."""

    sentiment_avg = serializers.FloatField(allow_null=True, min_value=-1, max_value=1)
    sentiment_volatility = serializers.FloatField(allow_null=True, min_value=0, max_value=1)
    response_tempo = serializers.FloatField(
        allow_null=True, help_text="Seconds per 1,000 tokens.", min_value=0
    )
    confirmation_rate = serializers.FloatField(allow_null=True, min_value=0, max_value=1)
    misalignment_flags = FlagOut(many=True, allow_null=True, help_text="Null without any sample.")
    axes = AxisOut(many=True)
    axes_more = serializers.IntegerField(help_text="How many axes there are beyond these.")
    disagreement = serializers.FloatField(
        allow_null=True, help_text="The greatest of the axes with two ends.", max_value=1
    )
    people = serializers.IntegerField()


class VibeAggregatesOut(AggregatesOut):
    """The aggregates of one persona."""

    persona_id = serializers.CharField()
    samples = serializers.IntegerField(help_text="How many samples they were taken from.")
    oldest = serializers.CharField(allow_null=True, help_text="When the first of them came.")
    retain_max = serializers.IntegerField(help_text="How many samples a persona keeps.")


class VibeMetricsOut(AggregatesOut):
    """Counts and strengths since `since`, weights as decayed to now; and the aggregates."""

    persona_id = serializers.CharField()
    total_feedback = serializers.IntegerField()
    signal_counts = serializers.DictField(child=serializers.IntegerField())
    signal_strength = serializers.DictField(child=serializers.FloatField())
    signal_weights = serializers.DictField(child=serializers.FloatField())
    average_strength = serializers.FloatField(allow_null=True)
    last_signal = serializers.CharField(allow_null=True)
    last_strength = serializers.FloatField(allow_null=True)
    last_updated = serializers.CharField(allow_null=True)
    retain_max = serializers.IntegerField()
    since = serializers.CharField(help_text="When the counters began at zero.")


class ConsentIn(serializers.Serializer[Any]):
    """What is asked of the consent switch."""

    enabled = StrictBoolean()
    scope = StrictString(
        required=False,
        allow_null=True,
        allow_blank=True,
        default=None,
        help_text="Without it the record's scope stays, or the owner kind is written.",
    )
    accessibility_attested = StrictBoolean(
        required=False,
        default=False,
        help_text="Needed for a grant where ARW_PERSONA_ACCESSIBILITY is `attest`.",
    )


class ConsentOut(serializers.Serializer[Any]):
    """The preferences as they are now."""

    persona_id = serializers.CharField()
    preferences = serializers.JSONField()


class NoticeOut(serializers.Serializer[Any]):
    """What a person is told before consent is given."""

    version = serializers.CharField()
    title = serializers.CharField()
    paragraphs = serializers.ListField(child=serializers.CharField())
    sha256 = serializers.CharField(
        help_text="Over title and paragraphs with an empty line between them, as UTF-8."
    )


class ReceiptOut(serializers.Serializer[Any]):
    """Proof that consent moved."""

    id = serializers.IntegerField()
    persona_id = serializers.CharField()
    version = serializers.IntegerField(help_text="The version of the record that it moved with.")
    scope = serializers.CharField()
    purpose = serializers.CharField()
    move = serializers.ChoiceField(choices=ConsentReceipt.Move.choices)
    method = serializers.ChoiceField(choices=ConsentReceipt.Method.choices)
    principal = serializers.UUIDField()
    notice_version = serializers.CharField()
    notice_sha256 = serializers.CharField()
    recorded_at = serializers.CharField()

    def to_representation(self, receipt: ConsentReceipt) -> dict[str, Any]:
        return {
            "id": receipt.pk,
            "persona_id": receipt.persona_id,
            "version": receipt.history.version,
            "scope": receipt.scope,
            "purpose": receipt.purpose,
            "move": receipt.move,
            "method": receipt.method,
            "principal": str(receipt.principal_id),
            "notice_version": receipt.notice_version,
            "notice_sha256": receipt.notice_sha256,
            "recorded_at": rfc3339(receipt.recorded_at),
        }


class ReceiptListOut(serializers.Serializer[Any]):
    """Receipts, the newest first."""

    items = ReceiptOut(many=True)
    next = serializers.CharField(allow_null=True)


class ErasedOut(serializers.Serializer[Any]):
    """What an erasure took away."""

    persona_id = serializers.CharField()
    erased = serializers.IntegerField()
