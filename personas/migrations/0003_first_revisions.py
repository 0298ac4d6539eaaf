"""Proposals from before there were revisions get their first."""

from django.db import migrations

SHARED = ("diff", "rationale", "telemetry_scope", "leases_required", "base_version", "digest")


def keep_first_revisions(apps, schema_editor):
    Proposal = apps.get_model("personas", "Proposal")
    ProposalRevision = apps.get_model("personas", "ProposalRevision")
    missing = Proposal.objects.filter(revisions__isnull=True)
    for proposal in missing.iterator():
        ProposalRevision.objects.create(
            proposal=proposal,
            number=1,
            author_id=proposal.submitted_by_id,
            created_at=proposal.created_at,
            **{name: getattr(proposal, name) for name in SHARED},
        )


class Migration(migrations.Migration):
    dependencies = [("personas", "0002_discussion")]

    operations = [migrations.RunPython(keep_first_revisions, migrations.RunPython.noop)]
