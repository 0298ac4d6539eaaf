import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import personas.models.document_field


class Migration(migrations.Migration):
    dependencies = [
        ("personas", "0006_memory"),
        ("telemetry", "0002_sample_index"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="MemoryItem",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "lane",
                    models.CharField(
                        choices=[
                            ("episodic", "episodic"),
                            ("semantic", "semantic"),
                            ("procedural", "procedural"),
                            ("profile", "profile"),
                            ("worldview", "worldview"),
                        ],
                        max_length=16,
                        verbose_name="lane",
                    ),
                ),
                ("owner_kind", models.CharField(max_length=16, verbose_name="owner kind")),
                ("owner_ref", models.CharField(max_length=256, verbose_name="owner")),
                ("text", models.TextField(blank=True, verbose_name="text")),
                (
                    "value",
                    personas.models.document_field.DocumentField(
                        blank=True,
                        decoder=personas.models.document_field.DocumentDecoder,
                        null=True,
                        verbose_name="value",
                    ),
                ),
                ("confidence", models.FloatField(blank=True, null=True, verbose_name="confidence")),
                ("source", models.CharField(blank=True, max_length=200, verbose_name="source")),
                ("created_at", models.DateTimeField(verbose_name="created")),
                ("updated_at", models.DateTimeField(verbose_name="updated")),
                ("erased_at", models.DateTimeField(blank=True, null=True, verbose_name="erased")),
                (
                    "erased_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "principal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memory_items",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "memory item",
                "verbose_name_plural": "memory items",
                "db_table": "telemetry_memory_items",
            },
        ),
        migrations.CreateModel(
            name="JournalAnswer",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("prompt", models.CharField(max_length=64, verbose_name="prompt")),
                ("period", models.CharField(max_length=32, verbose_name="period")),
                ("answered_at", models.DateTimeField(verbose_name="answered")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="journal_answers",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "persona",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="journal_answers",
                        to="personas.persona",
                    ),
                ),
                (
                    "item",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="journal_answer",
                        to="telemetry.memoryitem",
                    ),
                ),
            ],
            options={
                "verbose_name": "journal answer",
                "verbose_name_plural": "journal answers",
                "db_table": "telemetry_journal_answers",
            },
        ),
        migrations.CreateModel(
            name="MemoryRelevance",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("score", models.FloatField(verbose_name="relevance")),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="relevances",
                        to="telemetry.memoryitem",
                    ),
                ),
                (
                    "persona",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memory_relevances",
                        to="personas.persona",
                    ),
                ),
            ],
            options={
                "verbose_name": "relevance",
                "verbose_name_plural": "relevances",
                "db_table": "telemetry_memory_relevance",
            },
        ),
        migrations.CreateModel(
            name="MemoryTag",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("tag", models.CharField(max_length=64, verbose_name="tag")),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tags",
                        to="telemetry.memoryitem",
                    ),
                ),
            ],
            options={
                "verbose_name": "tag",
                "verbose_name_plural": "tags",
                "db_table": "telemetry_memory_tags",
            },
        ),
        migrations.CreateModel(
            name="SelfModelReport",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("confidence", models.FloatField(blank=True, null=True, verbose_name="confidence")),
                ("competence", models.FloatField(blank=True, null=True, verbose_name="competence")),
                ("cost", models.FloatField(blank=True, null=True, verbose_name="cost")),
                (
                    "window_secs",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="window"),
                ),
                ("drift", models.FloatField(verbose_name="drift")),
                ("recorded_at", models.DateTimeField(verbose_name="recorded")),
                (
                    "persona",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="self_model_reports",
                        to="personas.persona",
                    ),
                ),
                (
                    "principal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="self_model_reports",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "self-model report",
                "verbose_name_plural": "self-model reports",
                "db_table": "telemetry_self_model_reports",
            },
        ),
        migrations.CreateModel(
            name="SharingReceipt",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("lease_id", models.UUIDField(verbose_name="lease")),
                ("subject", models.CharField(max_length=64, verbose_name="subject")),
                ("scope", models.CharField(blank=True, max_length=300, verbose_name="scope")),
                (
                    "move",
                    models.CharField(
                        choices=[("grant", "granted"), ("withdrawal", "withdrawn")],
                        max_length=16,
                        verbose_name="move",
                    ),
                ),
                ("notice_version", models.CharField(max_length=32, verbose_name="notice version")),
                ("notice_sha256", models.CharField(max_length=64, verbose_name="notice hash")),
                ("recorded_at", models.DateTimeField(verbose_name="recorded")),
                (
                    "principal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sharing_receipts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "sharing receipt",
                "verbose_name_plural": "sharing receipts",
                "db_table": "telemetry_sharing_receipts",
                "ordering": ("-recorded_at", "-id"),
            },
        ),
        migrations.CreateModel(
            name="ActionRecord",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(max_length=64, verbose_name="kind")),
                (
                    "key",
                    models.CharField(blank=True, max_length=200, verbose_name="idempotency key"),
                ),
                ("input_sha256", models.CharField(max_length=64, verbose_name="input hash")),
                (
                    "output",
                    personas.models.document_field.DocumentField(
                        blank=True,
                        decoder=personas.models.document_field.DocumentDecoder,
                        null=True,
                        verbose_name="output",
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="created")),
                (
                    "principal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="actions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "action",
                "verbose_name_plural": "actions",
                "db_table": "telemetry_actions",
                "indexes": [models.Index(fields=["created_at"], name="action_age")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("key", ""), _negated=True),
                        fields=("principal", "kind", "key"),
                        name="action_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DriftState",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[("self_model", "self-model"), ("worldview", "worldview")],
                        max_length=16,
                        verbose_name="kind",
                    ),
                ),
                (
                    "baseline",
                    personas.models.document_field.DocumentField(
                        decoder=personas.models.document_field.DocumentDecoder,
                        default=dict,
                        verbose_name="baseline",
                    ),
                ),
                ("score", models.FloatField(default=0.0, verbose_name="score")),
                ("outside", models.BooleanField(default=False, verbose_name="outside")),
                (
                    "mirrored_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="mirrored"),
                ),
                ("updated_at", models.DateTimeField(verbose_name="updated")),
                (
                    "persona",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="drift_states",
                        to="personas.persona",
                    ),
                ),
            ],
            options={
                "verbose_name": "drift",
                "verbose_name_plural": "drift",
                "db_table": "telemetry_drift_states",
                "constraints": [
                    models.UniqueConstraint(fields=("persona", "kind"), name="drift_once"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["self_model", "worldview"])),
                        name="drift_kind",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="JournalRhythm",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "cadence",
                    models.CharField(
                        choices=[("off", "off"), ("daily", "daily"), ("weekly", "weekly")],
                        max_length=8,
                        verbose_name="cadence",
                    ),
                ),
                ("started_at", models.DateTimeField(verbose_name="started")),
                (
                    "answered_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="last answered"),
                ),
                (
                    "reminded_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="last reminded"),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="journal_rhythms",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "persona",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="journal_rhythms",
                        to="personas.persona",
                    ),
                ),
            ],
            options={
                "verbose_name": "journal rhythm",
                "verbose_name_plural": "journal rhythms",
                "db_table": "telemetry_journal_rhythms",
                "constraints": [
                    models.UniqueConstraint(fields=("person", "persona"), name="rhythm_once"),
                    models.CheckConstraint(
                        condition=models.Q(("cadence__in", ["off", "daily", "weekly"])),
                        name="rhythm_cadence",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="memoryitem",
            index=models.Index(
                fields=["owner_kind", "owner_ref", "-updated_at", "-id"], name="memory_of_owner"
            ),
        ),
        migrations.AddIndex(
            model_name="memoryitem",
            index=models.Index(
                fields=["principal", "-updated_at", "-id"], name="memory_of_principal"
            ),
        ),
        migrations.AddConstraint(
            model_name="memoryitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("lane__in", ["episodic", "semantic", "procedural", "profile", "worldview"])
                ),
                name="memory_lane",
            ),
        ),
        migrations.AddConstraint(
            model_name="memoryitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("owner_kind__in", ["workspace", "project", "agent"])),
                name="memory_owner_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="memoryitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("confidence__isnull", True),
                    models.Q(("confidence__gte", 0), ("confidence__lte", 1)),
                    _connector="OR",
                ),
                name="memory_confidence_in_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="memoryitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("erased_at__isnull", True),
                    models.Q(("text", ""), ("value__isnull", True)),
                    _connector="OR",
                ),
                name="memory_tombstone_is_empty",
            ),
        ),
        migrations.AddIndex(
            model_name="journalanswer",
            index=models.Index(fields=["persona", "-answered_at", "-id"], name="answer_newest"),
        ),
        migrations.AddConstraint(
            model_name="journalanswer",
            constraint=models.UniqueConstraint(
                fields=("person", "persona", "period"), name="answer_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="memoryrelevance",
            constraint=models.UniqueConstraint(fields=("item", "persona"), name="relevance_once"),
        ),
        migrations.AddConstraint(
            model_name="memoryrelevance",
            constraint=models.CheckConstraint(
                condition=models.Q(("score__gte", 0), ("score__lte", 1)), name="relevance_in_range"
            ),
        ),
        migrations.AddIndex(
            model_name="memorytag",
            index=models.Index(fields=["tag", "item"], name="memory_by_tag"),
        ),
        migrations.AddConstraint(
            model_name="memorytag",
            constraint=models.UniqueConstraint(fields=("item", "tag"), name="memory_tag_once"),
        ),
        migrations.AddIndex(
            model_name="selfmodelreport",
            index=models.Index(fields=["persona", "-recorded_at", "-id"], name="report_newest"),
        ),
    ]
