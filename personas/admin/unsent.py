"""A decision that could not be carried out yet, kept while its author fetches the lease for it.

It waits in the session: nobody else can read it, and it needs no script. One at a time.
"""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends.base import SessionBase

from personas.admin.review_decision import DECISIONS, DecisionForm
from personas.models import Proposal

KEY = "unsent_decision"
LONGEST = 10_000
"""Characters of a rationale; more than that is refused anyway."""


def keep_unsent(session: SessionBase, proposal: Proposal, form: DecisionForm) -> None:
    """Keep what was decided and typed, in the place of whatever was kept before."""
    session[KEY] = {
        "proposal": str(proposal.pk),
        "decision": form.decision,
        "rationale": form.rationale[:LONGEST],
        "attested": form.attested,
        "digest": form.digest,
        "version": form.version,
    }


def unsent_of(session: SessionBase, proposal: Proposal, *, resume: bool) -> DecisionForm | None:
    """What was kept for ``proposal``; with ``resume`` its confirmation opens again."""
    kept: dict[str, Any] = session.get(KEY) or {}
    if kept.get("proposal") != str(proposal.pk):
        return None
    decision = kept["decision"] if kept["decision"] in DECISIONS else ""
    return DecisionForm(
        decision=decision if resume else "",
        rationale=kept["rationale"],
        attested=kept["attested"],
        digest=kept["digest"],
        version=kept["version"],
    )


def drop_unsent(session: SessionBase, proposal: Proposal) -> None:
    """Forget what was kept for ``proposal``."""
    if (session.get(KEY) or {}).get("proposal") == str(proposal.pk):
        del session[KEY]
