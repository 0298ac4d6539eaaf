import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("leases", "0003_policy"),
        ("personas", "0005_lease_news"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DailyUse",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("day", models.DateField(verbose_name="day")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("samples", "feedback samples"),
                            ("memory", "memory items"),
                            ("proposals", "proposals"),
                        ],
                        max_length=16,
                        verbose_name="kind",
                    ),
                ),
                ("used", models.PositiveBigIntegerField(verbose_name="used")),
            ],
            options={
                "verbose_name": "daily use",
                "verbose_name_plural": "daily use",
                "db_table": "personas_daily_use",
            },
        ),
        migrations.RemoveConstraint(
            model_name="historyentry",
            name="history_kind",
        ),
        migrations.RemoveConstraint(
            model_name="notification",
            name="notification_kind",
        ),
        migrations.RemoveConstraint(
            model_name="notification",
            name="notification_about",
        ),
        migrations.AddField(
            model_name="notification",
            name="persona",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="personas.persona",
            ),
        ),
        migrations.AlterField(
            model_name="historyentry",
            name="kind",
            field=models.CharField(
                choices=[
                    ("create", "created"),
                    ("proposal", "approved change"),
                    ("consent", "consent changed"),
                    ("calibration", "calibrated"),
                ],
                max_length=16,
                verbose_name="kind",
            ),
        ),
        migrations.AlterField(
            model_name="notification",
            name="kind",
            field=models.CharField(
                choices=[
                    ("submitted", "waits for your decision"),
                    ("revised", "was revised"),
                    ("approval_recorded", "was approved, and needs further approvals"),
                    ("approved", "was approved and applied"),
                    ("rejected", "was rejected"),
                    ("withdrawn", "was withdrawn"),
                    ("commented", "has a new comment"),
                    ("changes_requested", "needs changes"),
                    ("expiring", "expires soon"),
                    ("expired", "expired"),
                    ("lease_requested", "was asked for, and waits for your answer"),
                    ("lease_granted", "was granted to you"),
                    ("lease_denied", "was not granted to you"),
                    ("reflection_due", "asks for a reflection"),
                ],
                max_length=20,
                verbose_name="kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="historyentry",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["create", "proposal", "consent", "calibration"])),
                name="history_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "submitted",
                            "revised",
                            "approval_recorded",
                            "approved",
                            "rejected",
                            "withdrawn",
                            "commented",
                            "changes_requested",
                            "expiring",
                            "expired",
                            "lease_requested",
                            "lease_granted",
                            "lease_denied",
                            "reflection_due",
                        ],
                    )
                ),
                name="notification_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("kind__in", ("lease_requested", "lease_granted", "lease_denied")),
                        ("lease_request__isnull", False),
                        ("persona__isnull", True),
                        ("proposal__isnull", True),
                    ),
                    models.Q(
                        ("kind__in", ("reflection_due",)),
                        ("lease_request__isnull", True),
                        ("persona__isnull", False),
                        ("proposal__isnull", True),
                    ),
                    models.Q(
                        models.Q(
                            (
                                "kind__in",
                                (
                                    "lease_requested",
                                    "lease_granted",
                                    "lease_denied",
                                    "reflection_due",
                                ),
                            ),
                            _negated=True,
                        ),
                        ("lease_request__isnull", True),
                        ("persona__isnull", True),
                        ("proposal__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="notification_about",
            ),
        ),
        migrations.AddField(
            model_name="dailyuse",
            name="persona",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="daily_uses",
                to="personas.persona",
            ),
        ),
        migrations.AddIndex(
            model_name="dailyuse",
            index=models.Index(fields=["day"], name="daily_use_age"),
        ),
        migrations.AddConstraint(
            model_name="dailyuse",
            constraint=models.UniqueConstraint(
                fields=("persona", "day", "kind"), name="daily_use_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="dailyuse",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["samples", "memory", "proposals"])),
                name="daily_use_kind",
            ),
        ),
    ]
