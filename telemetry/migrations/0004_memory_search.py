from django.db import migrations

from telemetry.memory.search_schema import search_create, search_drop


def create(apps, schema_editor):
    search_create(schema_editor)


def drop(apps, schema_editor):
    search_drop(schema_editor)


class Migration(migrations.Migration):
    dependencies = [("telemetry", "0003_memory")]

    operations = [migrations.RunPython(create, drop)]
