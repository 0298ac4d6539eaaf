import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("telemetry", "0005_sample_indexes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="consentreceipt",
            name="principal",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="consent_receipts",
                to=settings.AUTH_USER_MODEL,
                verbose_name="person or automation",
            ),
        ),
        migrations.AlterField(
            model_name="sharingreceipt",
            name="principal",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="sharing_receipts",
                to=settings.AUTH_USER_MODEL,
                verbose_name="person or automation",
            ),
        ),
        migrations.AlterField(
            model_name="vibesample",
            name="principal",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="vibe_samples",
                to=settings.AUTH_USER_MODEL,
                verbose_name="person or automation",
            ),
        ),
    ]
