"""What the desk's browser tests look at: people, personas, proposals, made through the services.

`seed()` runs inside the server's own process environment (`manage.py shell`), and returns ids and
session keys as plain data.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from importlib import import_module
from itertools import count
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import Group
from django.utils import timezone

from leases.models import DecisionEntry, Lease, User
from leases.services.granting import lease_grant
from leases.services.requests import lease_request, lease_request_deny
from leases.services.revoking import lease_revoke
from personas.models import ApproverRule
from personas.services.decisions import (
    proposal_approve,
    proposal_reject,
    proposal_request_changes,
)
from personas.services.discussion import proposal_comment
from personas.services.proposals import proposal_revise, proposal_submit, proposal_withdraw
from personas.services.records import persona_create
from telemetry.models import ConsentReceipt, SharingReceipt, VibeSample
from telemetry.services.consent import consent_set
from tests.browser.journal_data import reflect

PEOPLE = {"alice": "members", "bob": "approvers", "erin": "approvers", "dana": "admins"}

STYLE = (
    "Speaks in short, unhurried sentences and says what she does not know. She opens with the "
    "question behind the question, repeats the numbers that matter, and closes with one next step. "
    "With people under pressure she slows down, leaves out theory, and asks before she advises. "
    "She avoids superlatives, writes dates in full, and never jokes about somebody's mistake."
)
NEW_STYLE = STYLE.replace("short, unhurried", "brief and warm").replace(
    "and never jokes about somebody's mistake", "and thanks people for admitting a mistake"
)

MARA: dict[str, Any] = {
    "id": "persona.mara",
    "owner_kind": "workspace",
    "owner_ref": "atelier-north",
    "name": "Mara Lindqvist",
    "archetype": "Reliability engineer who mentors",
    "traits": {
        "style": STYLE,
        "openness": "High. Reads far outside her field and brings back analogies.",
        "strengths": ["incident reviews", "capacity planning", "plain writing", "patience"],
        "big_five": {"conscientiousness": 0.86, "extraversion": 0.41, "neuroticism": 0.22},
    },
    "preferences": {
        "interests": [
            "Post-incident reviews that name systems instead of people.",
            "Long-distance swimming in cold water.",
            "Typography of timetables.",
        ],
        "dislikes": ["Meetings without an agenda.", "Dashboards nobody reads."],
        "context": {"lane_weights": {"semantic": 0.4, "episodic": -0.2}, "min_score_bias": 0.1},
        "boundaries": {"topics_blocked": ["salaries", "medical advice", "ongoing lawsuits"]},
    },
    "worldview": {
        "beliefs": [
            "Most outages are organisational before they are technical.",
            "A runbook that was never rehearsed is a wish.",
        ],
        "background": {"residence": "Umeå", "education": "MSc in control theory"},
    },
    "calibration": {"confidence": 0.7},
}
TOMAS: dict[str, Any] = {
    "id": "persona.tomas",
    "owner_kind": "agent",
    "owner_ref": "helpdesk-7",
    "name": "Tomás Figueira",
    "archetype": "Patient first-line helper",
    "traits": {"style": "Friendly, a little formal, and precise about what happens next."},
    "preferences": {"interests": ["Keyboard layouts.", "Fado."]},
}
ILSE: dict[str, Any] = {
    "id": "persona.ilse",
    "owner_kind": "workspace",
    "owner_ref": "library",
    "name": "Ilse Brandt",
    "archetype": "Archivist",
    "traits": {"style": "Quiet, exact, and fond of footnotes.", "pace": "slow"},
    "preferences": {"interests": ["Marginalia.", "Card catalogues."]},
}
NAMELESS: dict[str, Any] = {"id": "persona.draft", "owner_kind": "project", "owner_ref": "zine"}

BIG_CHANGE: list[dict[str, Any]] = [
    {"op": "replace", "path": "/traits/style", "value": NEW_STYLE},
    {"op": "add", "path": "/traits/humour", "value": "Dry, and only about timetables."},
    {"op": "remove", "path": "/preferences/dislikes/1"},
    {"op": "move", "from": "/traits/strengths/3", "path": "/traits/strengths/0"},
    {"op": "replace", "path": "/preferences/context/lane_weights/semantic", "value": 0.9},
    {"op": "remove", "path": "/preferences/boundaries/topics_blocked/0"},
    {
        "op": "add",
        "path": "/preferences/telemetry",
        "value": {"vibe": {"enabled": True, "scope": "workspace"}},
    },
]
TELEMETRY = {"telemetry": {"vibe": {"enabled": True, "scope": "workspace"}}}
REASON = (
    "Three people in the retrospective found Mara a touch cold when a deploy goes wrong.\n\n"
    "This keeps her precision, but lets her thank people; and it asks for feedback, so that we "
    "can see whether it helped."
)


def seed() -> dict[str, Any]:
    """Everything the tests need; ``sessions`` by user name, ``proposals`` by what is odd of them."""
    now = timezone.now()
    people = {name: _person(name, group) for name, group in PEOPLE.items()}
    people["charlie"] = _person("charlie", None)
    lease_grant(actor=people["dana"], capability="persona:manage", now=now, reason="retrospective")
    for fields in (MARA, TOMAS, ILSE, NAMELESS):
        persona_create(actor=people["dana"], fields=fields, now=now)
    consent_set(
        actor=people["dana"], persona_id="persona.tomas", enabled=True, scope="agent", now=now
    )
    _samples(people["alice"], now)
    return {
        "sessions": {name: _session(person) for name, person in people.items()},
        "proposals": {**_proposals(people, now), **_discussed(people, now)},
        "access": {**_access(people, now), "reflection": reflect(people["alice"], now)},
    }


def _samples(giver: User, now: datetime) -> None:
    """Feedback about Tomás over two days: two frequent signals, rarer ones, one without a strength.

    As rows, since a lease that covered it at the time would stand among those of other tests.
    """
    signals = ["warmer", "slower", "warmer", "more_formal", "warmer", "slower", "cooler", "faster"]
    signals += ["brevity", "warmer", "patience"]
    VibeSample.objects.bulk_create(
        VibeSample(
            persona_id="persona.tomas",
            kind="vibe",
            signal=signals[at % len(signals)],
            strength=None if at == 5 else round(0.25 + (at * 7 % 11) / 16, 2),
            note="He listened before he answered." if at % 6 == 0 else None,
            principal=giver,
            recorded_at=now - timedelta(hours=49) + timedelta(minutes=at * 66),
        )
        for at in range(44)
    )


def _access(people: dict[str, User], now: datetime) -> dict[str, str]:
    """A request that waits for an answer, leases that are over, and the newest decision."""
    alice, dana = people["alice"], people["dana"]
    waiting = lease_request(
        actor=alice,
        capability="persona:manage",
        scope="persona:persona.mara",
        budget=5,
        reason="The retrospective has to be written down before people forget it.",
        now=now - timedelta(minutes=7),
    )
    denied = lease_request(actor=alice, capability="share:persona", reason="Memory.", now=now)
    lease_request_deny(actor=dana, request_id=denied.pk, reason="Not before Monday.", now=now)
    taken = lease_grant(actor=dana, capability="telemetry:persona:zine", now=now, budget=40)
    lease_revoke(actor=dana, lease_id=taken.pk, reason="The zine asked us to stop.", now=now)
    # Taken back at once, so that nothing is shared; its receipts stay.
    shared = lease_grant(
        actor=dana, capability="share:persona", scope="agent:none", subject="alice", now=now
    )
    lease_revoke(actor=dana, lease_id=shared.pk, reason="Over.", now=now)
    held = Lease.objects.active_at(now).get(capability="persona:manage")
    newest = DecisionEntry.objects.newest_first()[0]
    return {
        "request": str(waiting.pk),
        "lease": str(held.pk),
        "decision": str(newest.pk),
        "receipt": str(ConsentReceipt.objects.earliest("recorded_at").pk),
        "sharing": str(SharingReceipt.objects.earliest("recorded_at").pk),
        "rule": str(ApproverRule.objects.get(owner_ref="museum").pk),
        "person": str(alice.pk),
    }


def _person(name: str, group: str | None) -> User:
    # The server may hold the demo already, and with it most of them.
    person, _ = User.objects.get_or_create(username=name, defaults={"first_name": name.title()})
    if group:
        person.groups.add(Group.objects.get(name=group))
    return person


def _session(person: User) -> str:
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY] = str(person.pk)
    store[BACKEND_SESSION_KEY] = "leases.authentication.PeopleBackend"
    store[HASH_SESSION_KEY] = person.get_session_auth_hash()
    store.create()
    return str(store.session_key)


def _proposals(people: dict[str, User], now: datetime) -> dict[str, str]:
    alice, bob, erin = people["alice"], people["bob"], people["erin"]
    ticks = count()

    def submit(persona: str, diff: Any, why: str, by: User = alice, **more: Any) -> str:
        # A moment apart, so that the queue has the same order every time.
        moment = more.pop("at", now + timedelta(milliseconds=next(ticks)))
        proposal = proposal_submit(
            actor=by, persona_id=persona, diff=diff, rationale=why, now=moment, **more
        )
        return str(proposal.proposal_id)

    style = "/traits/style"
    # After the big one, and before all others: what is next in the queue is known.
    small = now - timedelta(minutes=30)
    rejected = submit("persona.tomas", {"archetype": "Sales helper"}, "He could sell more.")
    proposal_reject(
        actor=bob, proposal_id=rejected, rationale="He helps; he sells nothing.", now=now
    )
    conflict = submit(
        "persona.tomas", [{"op": "replace", "path": style, "value": "Formal."}], "Too chatty."
    )
    moved = submit("persona.tomas", {"preferences": {"likes": ["Tea."]}}, "He said so.")
    approved = submit(
        "persona.tomas",
        [{"op": "replace", "path": style, "value": "Friendly and brief."}],
        "Short.",
    )
    proposal_approve(actor=erin, proposal_id=approved, now=now)
    return {
        "big": submit("persona.mara", BIG_CHANGE, REASON, at=now - timedelta(minutes=40)),
        "small": submit(
            "persona.mara", {"archetype": "Reliability engineer"}, "Shorter.", at=small
        ),
        "other": submit("persona.draft", {"name": "Ida"}, "She needs a name."),
        "needs_lease": submit(
            "persona.draft", {"archetype": "Editor"}, "", leases_required=["share:persona"]
        ),
        "of_bob": submit("persona.draft", {"traits": {"tone": "wry"}}, "Fits the zine.", by=bob),
        "conflict": conflict,
        "moved": moved,
        "approved": approved,
        "rejected": rejected,
    }


def _discussed(people: dict[str, User], now: datetime) -> dict[str, str]:
    """What several people have worked on: Ilse at version 3, and four proposals about her."""
    alice, bob, erin = people["alice"], people["bob"], people["erin"]

    def submit(diff: Any, why: str, by: User = alice) -> str:
        proposal = proposal_submit(
            actor=by, persona_id="persona.ilse", diff=diff, rationale=why, now=now
        )
        return str(proposal.proposal_id)

    for pace, why in (("unhurried", "Slow sounds like a fault."), ("measured", "Better still.")):
        done = submit({"traits": {"pace": pace}}, why)
        proposal_approve(actor=erin, proposal_id=done, now=now, rationale="Agreed.")
    discussed = submit(
        {"traits": {"style": "Warm and exact."}, "preferences": TELEMETRY}, "Readers are shy."
    )
    if settings.ARW_PERSONA_APPROVALS_REQUIRED_HIGH > 1:
        proposal_approve(actor=erin, proposal_id=discussed, now=now, rationale="Yes, at last.")
    comment = {"proposal_id": discussed, "now": now}
    proposal_comment(actor=bob, text="Exact is what people thank her for.", **comment)
    proposal_comment(actor=erin, text="Not only warm, please.", path="/traits/style", **comment)
    proposal_request_changes(
        actor=bob, proposal_id=discussed, text="Keep the footnotes.\n\nThey are hers.", now=now
    )
    revised = {"traits": {"style": "Warm, exact, and fond of footnotes."}, "preferences": TELEMETRY}
    quorum = submit(revised, "Readers are shy.")
    if settings.ARW_PERSONA_APPROVALS_REQUIRED_HIGH > 1:
        proposal_approve(actor=erin, proposal_id=quorum, now=now, rationale="First draft is fine.")
    proposal_revise(
        actor=alice,
        proposal_id=quorum,
        diff={**revised, "archetype": "Archivist who listens"},
        rationale="Readers are shy. The archetype says it too now.",
        now=now,
    )
    if settings.ARW_PERSONA_APPROVALS_REQUIRED_HIGH > 1:
        proposal_approve(actor=erin, proposal_id=quorum, now=now, rationale="Better.")
    withdrawn = submit({"archetype": "Librarian"}, "A slip.")
    proposal_withdraw(actor=alice, proposal_id=withdrawn, rationale="She is no librarian.", now=now)
    rule = ApproverRule.objects.create(owner_kind="workspace", owner_ref="museum")
    rule.principals.add(bob, erin)
    return {"discussed": discussed, "quorum": quorum, "withdrawn": withdrawn, "done": done}


def main() -> None:
    """Prints what was made, as one line of JSON."""
    print(json.dumps(seed()))  # noqa: T201  read by the test that ran it
