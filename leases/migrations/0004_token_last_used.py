from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("leases", "0003_policy")]

    operations = [
        migrations.AddField(
            model_name="apitoken",
            name="last_used_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="last used"),
        ),
        migrations.AlterField(
            model_name="lease",
            name="revocation",
            field=models.CharField(
                blank=True,
                choices=[
                    ("single", "itself"),
                    ("prefix", "its prefix"),
                    ("kill_switch", "the kill switch"),
                ],
                editable=False,
                max_length=16,
                verbose_name="revoked through",
            ),
        ),
    ]
