"""The three groups with their rights, and the service principal (contract §1)."""

from django.contrib.auth.hashers import make_password
from django.contrib.auth.management import create_permissions
from django.db import migrations

RIGHTS = {
    "members": ("read_personas", "propose_changes", "give_feedback"),
    "approvers": ("read_personas", "propose_changes", "give_feedback", "decide_proposals"),
    "admins": (
        "read_personas",
        "propose_changes",
        "give_feedback",
        "decide_proposals",
        "manage_personas",
        "manage_leases",
    ),
}


def create_groups(apps, schema_editor):
    config = apps.get_app_config("leases")
    # Permissions are otherwise made only after the last migration, too late for the groups.
    config.models_module = True
    create_permissions(config, apps=apps, verbosity=0, using=schema_editor.connection.alias)
    config.models_module = None
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    for name, rights in RIGHTS.items():
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.add(
            *Permission.objects.filter(
                content_type__app_label="leases", content_type__model="user", codename__in=rights
            )
        )
    User = apps.get_model("leases", "User")
    service, _ = User.objects.get_or_create(
        username="service-admin",
        defaults={"interactive": False, "password": make_password(None), "first_name": "Service"},
    )
    service.groups.add(Group.objects.get(name="admins"))


class Migration(migrations.Migration):
    dependencies = [("leases", "0001_initial")]

    operations = [migrations.RunPython(create_groups, migrations.RunPython.noop)]
