"""Where each page of the desk is, and a form that it takes from whoever may send it."""

from __future__ import annotations

import json
from typing import Any

from django.urls import reverse
from django.utils import timezone

from arw_site.access.pages import PAGES
from leases.admin.lease_rows import with_prefix
from leases.admin.revoke_page import fingerprint
from leases.models import ApiToken, DecisionEntry
from personas.models import ApproverRule, HistoryEntry
from telemetry.models import ConsentReceipt, MemoryItem, SharingReceipt
from telemetry.notices import current_notice
from tests.people import WARMER, grant
from tests.site.access_walk import SPARE, Stage
from tests.telemetry.memory.memories import remember

REASON = {"rationale": "Softer."}


def address(name: str, stage: Stage) -> str:
    """The address of the page called ``name``, about what is on the stage."""
    known: dict[str, Any] = {"app_list": ["personas"]}
    model, _, kind = name.rpartition("_")
    persona, proposal = stage.persona.pk, stage.proposal.pk
    if kind in {"history", "delete", "change"} and not name.endswith("password_change"):
        return reverse(f"admin:{name}", args=[_row(model, stage)])
    known |= {f"personas_persona_{one}": [persona] for one in ("page", "propose", "compare")} | {
        f"personas_persona_{one}": [persona, 1] for one in ("at", "restore")
    }
    known |= {
        f"personas_proposal_{one}": [proposal]
        for one in ("review", "comment", "revise", "revisions")
    }
    known |= {f"leases_lease_{one}": [stage.ids["lease_id"]] for one in ("renew", "revoke")}
    known |= {
        f"leases_leaserequest_{one}": [stage.ids["request_id"]]
        for one in ("answer", "deny", "cancel")
    }
    if name == "leases_decision_detail":
        known[name] = [DecisionEntry.objects.all()[0].pk]
    known |= {f"telemetry_{one}": [persona] for one in ("consent_grant", "feedback_give")}
    known |= {"desk_journal_answer": [persona], "memory_suggest": [persona]}
    if name == "memory_item":
        known[name] = [MemoryItem.objects.all()[0].pk]
    known["desk_journal_erase"] = [stage.ids["token_id"]]
    known["desk_token_revoke"] = [stage.ids["token_id"]]
    known["auth_user_password_change"] = [stage.people["stranger"].pk]
    return reverse(f"admin:{name}", args=known.get(name, []))


def form(name: str, stage: Stage) -> dict[str, Any]:
    """What is sent; empty where the page takes nothing, or anything."""
    digest = {"digest": stage.proposal.digest}
    forms: dict[str, dict[str, Any]] = {
        "desk_tokens": {"name": "nightly", "days": "30"},
        "desk_journal_answer": {"reflection": "She asked before she advised."},
        "desk_journal_rhythm": {"persona": stage.persona.pk, "cadence": "weekly"},
        "personas_persona_propose": {"diff": json.dumps(WARMER), "step": "submit"},
        "personas_persona_restore": REASON,
        "personas_proposal_review": {"decision": "reject", **REASON, **digest},
        "personas_proposal_comment": {"text": "Why?"},
        "personas_proposal_revise": {
            "diff": json.dumps({"traits": {"tone": "mild"}}),
            "step": "submit",
            **digest,
        },
        "telemetry_consent": {"persona": stage.persona.pk},
        "telemetry_consent_grant": {
            "scope": "project",
            "agreed": "yes",
            "notice": current_notice().sha256,
            "shown_scope": stage.persona.consent.scope,
        },
        "telemetry_consent_bulk": {"to": "off", "persona": stage.persona.pk},
        "telemetry_feedback_give": {"warmth": "warmer", "strength": "0.6"},
        "leases_lease_grant": {
            "capability": "persona:manage",
            "subject": "local",
            "ttl_minutes": "5",
        },
        "leases_lease_renew": {"ttl_minutes": "90"},
        "leases_lease_revoke": {"reason": "Over."},
        "leases_lease_revoke_prefix": {
            "prefix": SPARE,
            "reason": "Over.",
            "seen": fingerprint(with_prefix(SPARE, now=timezone.now())),
        },
        "leases_leaserequest_ask": {"capability": SPARE, "ttl_minutes": "5", "reason": "A try."},
        "leases_leaserequest_answer": {"grant-ttl_minutes": "5"},
        "leases_leaserequest_deny": {"reason": "No."},
        "leases_killswitch_set": {"engaged": "yes", "reason": "A drill."},
    }
    assert forms.keys() <= PAGES.keys()
    return forms.get(name, {})


def furnish(stage: Stage) -> None:
    """A row in every table that the desk lists."""
    DecisionEntry.objects.create(
        at=stage.proposal.created_at,
        actor=stage.people["admin"],
        action="leases.manage",
        allowed=False,
        reason="role_required",
    )
    ApproverRule.objects.create(owner_kind="agent", owner_ref="none")
    grant("share:persona", scope="agent:none").delete()
    remember(stage.people["author"])


def _row(model: str, stage: Stage) -> Any:
    rows = {
        "leases_lease": lambda: stage.ids["lease_id"],
        "leases_apitoken": lambda: ApiToken.objects.filter(user=stage.people["author"])[0].pk,
        "leases_user": lambda: stage.people["stranger"].pk,
        "personas_approverrule": lambda: ApproverRule.objects.get().pk,
        "personas_persona": lambda: stage.persona.pk,
        "personas_proposal": lambda: stage.proposal.pk,
        "personas_historyentry": lambda: HistoryEntry.objects.all()[0].pk,
        "telemetry_consentreceipt": lambda: ConsentReceipt.objects.all()[0].pk,
        "telemetry_sharingreceipt": lambda: SharingReceipt.objects.all()[0].pk,
        "telemetry_vibesample": lambda: 1,  # none of its row pages are open to anybody
    }
    return rows[model]()
