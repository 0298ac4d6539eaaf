from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("leases", "0004_token_last_used"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="user",
            options={
                "permissions": [
                    ("read_personas", "Can read personas, proposals and history"),
                    ("propose_changes", "Can propose changes and comment"),
                    ("give_feedback", "Can give feedback"),
                    ("decide_proposals", "Can approve and reject proposals"),
                    ("manage_personas", "Can create personas and change consent"),
                    ("manage_leases", "Can manage leases and policy"),
                ],
                "verbose_name": "person or automation",
                "verbose_name_plural": "people and automations",
            },
        ),
    ]
