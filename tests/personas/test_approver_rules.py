"""Who decides for which owner: approvers named by person and by group (contract §1)."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from leases.models import Lease, User
from leases.roles import Right
from personas.errors import PersonaManageForbidden
from personas.models import ApproverRule, Comment, Persona, Proposal
from personas.review import Hindrance, review_of
from personas.services.approvers import approvers_of, may_decide
from personas.services.decisions import (
    proposal_approve,
    proposal_reject,
    proposal_request_changes,
)
from personas.services.proposals import proposal_revise, proposal_withdraw
from tests.fixtures import ApiFor
from tests.people import make_persona, problem, propose, state_of

COOLER = [{"op": "replace", "path": "/traits/tone", "value": "icy"}]


@pytest.fixture
def erin(db: None, bob: User) -> User:
    """A second approver."""
    user = User.objects.create_user("erin")
    user.groups.set(bob.groups.all())
    return user


@pytest.fixture
def rule(persona: Persona, erin: User) -> ApproverRule:
    """persona.alpha's workspace is decided by erin."""
    made = ApproverRule.objects.create(owner_kind="workspace", owner_ref="local")
    made.principals.add(erin)
    return made


def about(proposal: Proposal) -> dict[str, Any]:
    return {"proposal_id": proposal.pk, "now": timezone.now()}


DECISIONS: dict[str, Callable[[User, Proposal], object]] = {
    "approve": lambda actor, proposal: proposal_approve(actor=actor, **about(proposal)),
    "reject": lambda actor, proposal: proposal_reject(
        actor=actor, rationale="no", **about(proposal)
    ),
    "request changes": lambda actor, proposal: proposal_request_changes(
        actor=actor, text="warmer", **about(proposal)
    ),
    "revise": lambda actor, proposal: proposal_revise(actor=actor, diff=COOLER, **about(proposal)),
    "withdraw": lambda actor, proposal: proposal_withdraw(actor=actor, **about(proposal)),
}


@pytest.mark.parametrize("decision", DECISIONS)
def test_it_lets_every_approver_decide_without_a_rule(
    bob: User, persona: Persona, manage_lease: Lease, decision: str
) -> None:
    proposal = propose(persona)
    DECISIONS[decision](bob, proposal)
    proposal.refresh_from_db()
    outcome = (proposal.status, proposal.revision, proposal.changes_requested_at is not None)
    assert outcome != ("pending", 1, False)


@pytest.mark.parametrize("decision", DECISIONS)
def test_it_refuses_approvers_who_are_not_named(
    bob: User, persona: Persona, manage_lease: Lease, rule: ApproverRule, decision: str
) -> None:
    proposal = propose(persona)
    before = state_of(persona)
    with pytest.raises(PersonaManageForbidden) as refusal:
        DECISIONS[decision](bob, proposal)
    assert refusal.value.instance_code == "not_named_approver"
    assert "workspace:local" in refusal.value.detail
    assert state_of(persona) == before
    assert not Comment.objects.exists()


@pytest.mark.parametrize("decision", DECISIONS)
def test_it_lets_named_approvers_and_admins_decide(
    erin: User, dana: User, persona: Persona, manage_lease: Lease, rule: ApproverRule, decision: str
) -> None:
    for actor in (erin, dana):
        proposal = propose(persona, [{"op": "add", "path": f"/traits/{actor}", "value": decision}])
        DECISIONS[decision](actor, proposal)


def test_it_names_by_group(
    bob: User, persona: Persona, manage_lease: Lease, rule: ApproverRule
) -> None:
    rule.group = Group.objects.create(name="careful readers")
    rule.save()
    assert not may_decide(bob, persona)
    bob.groups.add(rule.group)
    assert may_decide(bob, persona)
    assert proposal_approve(actor=bob, **about(propose(persona))).entry is not None


def test_it_never_gives_the_right_to_decide(
    alice: User, charlie: User, persona: Persona, manage_lease: Lease, rule: ApproverRule
) -> None:
    rule.principals.add(alice, charlie)
    proposal = propose(persona, actor=alice)
    before = state_of(persona)
    for actor in (alice, charlie):
        with pytest.raises(PersonaManageForbidden) as refusal:
            proposal_approve(actor=actor, **about(proposal))
        assert refusal.value.instance_code == "role_required"
        assert not may_decide(actor, persona)
    assert state_of(persona) == before


def test_it_leaves_authors_their_own_proposals(
    alice: User, bob: User, persona: Persona, manage_lease: Lease, rule: ApproverRule
) -> None:
    for author in (alice, bob):
        proposal = propose(persona, actor=author)
        assert proposal_revise(actor=author, diff=COOLER, **about(proposal)).revision == 2
        assert proposal_withdraw(actor=author, **about(proposal)).status == "withdrawn"


def test_it_holds_for_that_owner_alone(bob: User, rule: ApproverRule) -> None:
    elsewhere = make_persona("persona.beta", owner_ref="elsewhere")
    same_name = make_persona("persona.gamma", owner_kind="project")
    assert may_decide(bob, elsewhere)
    assert may_decide(bob, same_name)


def test_it_is_told_through_the_api_before_any_lease(
    api: ApiFor, bob: User, persona: Persona, rule: ApproverRule
) -> None:
    proposal = propose(persona)
    before = state_of(persona)
    for verb in ("approve", "reject", "request-changes"):
        answer = api(bob).post(f"/admin/persona/proposals/{proposal.pk}/{verb}", {})
        assert problem(answer, 403)["code"] == "not_named_approver"
    assert state_of(persona) == before


def test_it_explains_itself_on_the_review(
    bob: User, erin: User, persona: Persona, manage_lease: Lease, rule: ApproverRule
) -> None:
    proposal = propose(persona)
    now = timezone.now()
    review = review_of(proposal, viewer=bob, now=now)
    assert review.approve_hindrances == review.reject_hindrances == (Hindrance.NOT_NAMED,)
    assert review_of(proposal, viewer=erin, now=now).can_approve


def test_it_asks_whom_the_rule_names(
    alice: User, bob: User, dana: User, erin: User, persona: Persona
) -> None:
    service = User.objects.service_principal()
    assert set(approvers_of(persona)) == {bob, dana, erin, service}
    rule = ApproverRule.objects.create(owner_kind="workspace", owner_ref="local")
    rule.principals.add(alice)
    assert set(approvers_of(persona)) == {dana, service}, "nobody named may decide"
    rule.principals.add(erin)
    assert list(approvers_of(persona)) == [erin]
    rule.group = Group.objects.get(name="approvers")
    rule.save()
    assert set(approvers_of(persona)) == {bob, erin}
    User.objects.filter(pk=bob.pk).update(is_active=False)
    assert list(approvers_of(persona)) == [erin]


def test_it_agrees_with_itself_on_who_may_decide(
    alice: User, bob: User, charlie: User, dana: User, erin: User, persona: Persona
) -> None:
    rule = ApproverRule.objects.create(owner_kind="workspace", owner_ref="local")
    rule.principals.add(bob, alice)
    asked = set(approvers_of(persona))
    for user in User.objects.all():
        assert may_decide(user, persona) == (user in asked or user.has_right(Right.MANAGE))


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="leases.authentication.PeopleBackend")
    return client


def test_it_is_edited_on_the_desk_by_admins(dana: User, erin: User) -> None:
    group = Group.objects.create(name="careful readers")
    form = {"owner_kind": "workspace", "owner_ref": "local"}
    add = reverse("admin:personas_approverrule_add")
    page = signed_in(dana).post(add, form)
    assert page.status_code == 200
    assert b"Name a group, or at least one approver." in page.content
    assert not ApproverRule.objects.exists()
    form |= {"group": str(group.pk), "principals": [str(erin.pk)]}
    assert signed_in(dana).post(add, form).status_code == 302
    rule = ApproverRule.objects.get()
    assert (rule.group, list(rule.principals.all())) == (group, [erin])
    page = signed_in(dana).post(add, form)
    assert page.status_code == 200, "one rule per owner"
    change = reverse("admin:personas_approverrule_change", args=[rule.pk])
    assert signed_in(dana).get(change).status_code == 200
    assert erin.username in signed_in(dana).get(add).content.decode()
    listing = signed_in(dana).get(reverse("admin:personas_approverrule_changelist"))
    assert "workspace:local" in listing.content.decode()


@pytest.mark.parametrize("who", ["alice", "bob", "charlie"])
def test_it_is_closed_to_everyone_else(who: str, request: Any, rule: ApproverRule) -> None:
    client = signed_in(request.getfixturevalue(who))
    names = list(rule.principals.values_list("username", flat=True))
    for page, arguments in (("add", []), ("change", [rule.pk]), ("delete", [rule.pk])):
        url = reverse(f"admin:personas_approverrule_{page}", args=arguments)
        posted = client.post(url, {"owner_kind": "agent", "owner_ref": "x", "post": "yes"})
        assert posted.status_code == 403, json.dumps([who, page])
    assert list(ApproverRule.objects.all()) == [rule]
    assert list(rule.principals.values_list("username", flat=True)) == names


def test_it_asks_by_name_before_it_deletes(dana: User, rule: ApproverRule, erin: User) -> None:
    url = reverse("admin:personas_approverrule_delete", args=[rule.pk])
    page = signed_in(dana).get(url)
    text = page.content.decode()
    assert "Delete “workspace:local”?" in text
    assert page.context["deleted_objects"] == ["workspace:local"]
    assert "object (" not in text
    assert "everybody decides on proposals for this owner whose role has the right to" in text
    assert list(ApproverRule.objects.all()) == [rule]
    assert signed_in(dana).post(url, {"post": "yes"}).status_code == 302
    assert not ApproverRule.objects.exists()
    assert User.objects.filter(pk=erin.pk).exists()
    assert Persona.objects.count() == 1


def test_it_tells_who_edited_a_rule(dana: User, rule: ApproverRule, erin: User) -> None:
    url = reverse("admin:personas_approverrule_history", args=[rule.pk])
    assert "No edits yet" in signed_in(dana).get(url).content.decode()
    change = reverse("admin:personas_approverrule_change", args=[rule.pk])
    assert f'href="{url}"' in signed_in(dana).get(change).content.decode()
    form = {"owner_kind": "workspace", "owner_ref": "museum", "principals": [str(erin.pk)]}
    assert signed_in(dana).post(change, form).status_code == 302
    page = signed_in(dana).get(url).content.decode()
    assert '<td data-label="Who">Dana</td>' in page
    assert "Changed Owner." in page
