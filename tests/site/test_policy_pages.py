"""Policy, kill switch, simulator and decision log on the desk: who sees what, what is refused."""

import json
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from leases.models import Control, DecisionEntry, Lease
from leases.services.kill_switch import kill_switch_set
from leases.services.policy_loading import policy_reload
from tests.people import grant, make_persona, someone

pytestmark = pytest.mark.django_db
POLICY = "admin:leases_policy_page"
SWITCH = "admin:leases_killswitch_set"
LOG = "admin:leases_decision_log"
SIMULATE = "admin:leases_policy_simulate"


def client_of(name: str) -> Client:
    client = Client()
    client.force_login(someone(name), backend="leases.authentication.PeopleBackend")
    return client


def text(page: object) -> str:
    return page.content.decode()  # type: ignore[attr-defined,no-any-return]


@pytest.fixture
def policy_file(tmp_path: Path, settings: object) -> Path:
    path = tmp_path / "policy.json"
    settings.ARW_POLICY_FILE = str(path)  # type: ignore[attr-defined]
    return path


def load(path: Path, document: object) -> None:
    path.write_text(json.dumps(document), encoding="utf-8")
    policy_reload(actor=someone("dana"), now=timezone.now())


def test_it_says_that_leases_alone_decide() -> None:
    page = text(client_of("alice").get(reverse(POLICY)))
    assert "Leases only" in page
    assert "Reload" not in page
    assert "Stop telemetry…" not in page


def test_it_shows_the_rules_in_force(policy_file: Path) -> None:
    rule = {"kind_prefix": "memory.", "capability": "share:persona"}
    load(policy_file, {"lease_rules": [rule]})
    page = text(client_of("alice").get(reverse(POLICY)))
    assert "memory." in page
    assert "share:persona" in page
    assert str(policy_file) not in page
    assert str(policy_file) in text(client_of("dana").get(reverse(POLICY)))


def test_it_names_what_is_not_seen_in_cedar(policy_file: Path) -> None:
    rule = "// \u202ereversed\u200b\npermit (principal, action, resource);\n"
    load(policy_file, {"cedar": {"policy": rule}})
    page = text(client_of("dana").get(reverse(POLICY)))
    assert "<code>// ‹U+202E›reversed‹U+200B›</code>" in page
    assert "<code>permit (principal, action, resource);</code>" in page
    assert not {"\u202e", "\u200b"} & set(page)


def test_it_keeps_the_policy_when_a_reload_is_refused(policy_file: Path) -> None:
    load(policy_file, {"lease_rules": []})
    before = Control.objects.get().policy_id
    policy_file.write_text('{\n  "allow_all": "perhaps"\n}', encoding="utf-8")
    answer = client_of("dana").post(reverse("admin:leases_policy_reload"))
    assert answer.status_code == 400
    refusal = answer.context["refusal"][0]
    assert (refusal.line, refusal.pointer) == (2, "/allow_all")
    assert [line.text for line in refusal.excerpt if line.is_refused] == [
        '  "allow_all": "perhaps"'
    ]
    assert Control.objects.get().policy_id == before


def test_it_reloads(policy_file: Path) -> None:
    policy_file.write_text('{"allow_all": true}', encoding="utf-8")
    answer = client_of("dana").post(reverse("admin:leases_policy_reload"))
    assert answer["Location"] == reverse(POLICY)
    assert "Everything is allowed" in text(client_of("alice").get(reverse(POLICY)))


def test_it_stops_telemetry_and_tells_everybody_on_every_page() -> None:
    lease = grant("telemetry:persona:workspace")
    sent = {"engaged": "yes", "reason": "A leak is looked into."}
    assert client_of("dana").post(reverse(SWITCH), sent)["Location"] == reverse(POLICY)
    lease.refresh_from_db()
    assert lease.revocation == Lease.Revocation.KILL_SWITCH
    for address in ("/admin/", "/admin/live/", "/admin/personas/persona/"):
        page = text(client_of("alice").get(address))
        assert "Telemetry is stopped on every node." in page
        assert "A leak is looked into." in page


def test_it_tells_nobody_who_has_signed_out() -> None:
    kill_switch_set(actor=someone("dana"), engaged=True, reason="A leak.", now=timezone.now())
    client = client_of("alice")
    assert "A leak." in text(client.get("/admin/"))
    page = text(client.post("/admin/logout/"))
    assert "<h1>Signed out</h1>" in page
    for told in ("A leak.", "Telemetry is stopped", "Dana", "Alice"):
        assert told not in page
    assert Control.objects.filter(halted_at__isnull=False).exists()


def test_it_does_not_stop_without_a_reason() -> None:
    page = client_of("dana").post(reverse(SWITCH), {"engaged": "yes", "reason": " "})
    assert page.status_code == 400
    assert page.context["form"].reason_error
    assert not Control.objects.filter(halted_at__isnull=False).exists()


@pytest.mark.parametrize("restore", [True, False])
def test_it_lifts_the_stop_and_gives_back_what_it_took_if_told_to(restore: bool) -> None:
    lease = grant("telemetry:persona:workspace")
    now = timezone.now()
    kill_switch_set(actor=someone("dana"), engaged=True, reason="Drill.", now=now)
    sent = {"engaged": "no", **({"restore": "yes"} if restore else {})}
    client_of("dana").post(reverse(SWITCH), sent)
    assert Control.objects.get().halted_at is None
    lease.refresh_from_db()
    assert (lease.revoked_at is None) is restore


@pytest.mark.parametrize("name", ["alice", "bob", "charlie"])
def test_it_is_a_right_of_admins(name: str, policy_file: Path) -> None:
    policy_file.write_text('{"allow_all": true}', encoding="utf-8")
    client = client_of(name)
    for page in (SWITCH, LOG, "admin:leases_decision_export"):
        assert client.get(reverse(page)).status_code == 403
    sent = {"engaged": "yes", "reason": "Mine."}
    assert client.post(reverse(SWITCH), sent).status_code == 403
    assert client.post(reverse("admin:leases_policy_reload")).status_code == 403
    assert not Control.objects.filter(halted_at__isnull=False).exists()
    assert not Control.objects.filter(policy__isnull=False).exists()


def ask(name: str, **question: str) -> object:
    return client_of(name).get(reverse(SIMULATE), {"action": "persona.manage", **question})


def test_it_answers_for_oneself() -> None:
    persona = make_persona()
    page = text(ask("alice", persona=persona.id))
    assert "No. Alice is refused" in " ".join(page.split())
    lease = grant(reason="For the tour.")
    page = text(ask("alice", persona=persona.id, subject="dana"))
    assert "Yes. Alice is allowed" in " ".join(page.split())
    assert "For the tour." in page
    lease.refresh_from_db()
    assert lease.used == 0
    assert not DecisionEntry.objects.filter(actor=someone("alice")).exists()


def test_it_answers_admins_for_others() -> None:
    persona = make_persona()
    someone("alice")
    page = text(ask("dana", persona=persona.id, subject="alice"))
    assert "No. Alice is refused" in " ".join(page.split())


@pytest.mark.parametrize(
    ("who", "form"),
    [
        ("dana", "/admin/leases/lease/grant/?capability=persona%3Amanage"),
        ("alice", "/admin/leases/lease/ask/?capability=persona%3Amanage"),
    ],
)
def test_it_leads_to_the_lease_that_is_missing(who: str, form: str) -> None:
    persona = make_persona()
    someone("alice")
    page = ask(who, persona=persona.id, subject="alice")
    lend_url = page.context["lend_url"]  # type: ignore[attr-defined]
    assert lend_url.startswith(f"{form}&scope=persona%3Apersona.alpha")
    assert ("subject=alice" in lend_url) is (who == "dana")
    filled = client_of(who).get(lend_url.partition("#")[0])
    assert 'value="persona:persona.alpha"' in text(filled)
    grant()
    assert ask(who, persona=persona.id, subject="alice").context["lend_url"] == ""  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("question", "wrong"),
    [({"subject": "nobody"}, "subject_error"), ({"persona": "persona.none"}, "persona_error")],
)
def test_it_says_what_it_does_not_know(question: dict[str, str], wrong: str) -> None:
    make_persona()
    page = ask("dana", **{"persona": "persona.alpha", **question})
    assert page.status_code == 400  # type: ignore[attr-defined]
    assert getattr(page.context["form"], wrong)  # type: ignore[attr-defined]


def test_it_finds_decisions_and_opens_them() -> None:
    make_persona()
    client_of("alice").post(reverse("admin:leases_lease_grant"), {"capability": "a"})
    page = client_of("dana").get(reverse(LOG), {"allowed": "false"})
    row = page.context["rows"][0]
    assert (row.entry.actor, row.entry.action) == (someone("alice"), "leases.manage")
    detail = reverse("admin:leases_decision_detail", args=[row.entry.pk])
    assert "Refused" in text(client_of("dana").get(detail))
    assert client_of("alice").get(detail).status_code == 403


def test_it_pages_by_key_and_keeps_the_filters() -> None:
    for number in range(60):
        DecisionEntry.objects.create(
            at=timezone.now(), action=f"a.{number}", allowed=False, reason="lease_required"
        )
    query = {"reason": "lease_required"}
    first = client_of("dana").get(reverse(LOG), query)
    second = client_of("dana").get(reverse(LOG), {**query, "cursor": first.context["next"]})
    shown = [row.entry.action for page in (first, second) for row in page.context["rows"]]
    assert shown == [f"a.{number}" for number in reversed(range(60))]
    assert "reason=lease_required" in second.context["query"]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("actor", "nobody", "Nobody has this user name or id"),
        ("since", "soon", "“From” must be a day, as 2026-01-31"),
        ("until", "2026-13-01", "“Before” must be a day, as 2026-01-31"),
        ("allowed", "maybe", "“Outcome” must be allowed or refused"),
    ],
)
def test_it_says_beside_the_filter_what_makes_no_sense(name: str, text: str, said: str) -> None:
    page = client_of("dana").get(reverse(LOG), {name: text})
    assert page.status_code == 400
    assert page.context["wrong"] == {name: said}
    shown = page.content.decode()
    assert f'<p class="field-error" id="d-{name}-error" role="alert">{said}</p>' in shown
    assert f'aria-describedby="d-{name}-error"' in shown
    assert shown.count(said) == 1


def test_it_says_above_the_filters_what_only_an_address_asks_for() -> None:
    page = client_of("dana").get(reverse(LOG), {"lease": "none", "actor": "nobody"})
    assert page.context["wrong_elsewhere"] == [page.context["wrong"]["lease"]]
    assert page.content.decode().count("Nobody has this user name or id") == 1


def test_it_takes_a_day_for_the_instant_that_it_begins_at() -> None:
    day = timezone.now().date().isoformat()
    DecisionEntry.objects.create(at=timezone.now(), action="a", allowed=False, reason="x")
    assert len(client_of("dana").get(reverse(LOG), {"since": day}).context["rows"]) == 1
    assert len(client_of("dana").get(reverse(LOG), {"until": day}).context["rows"]) == 0


def test_it_exports_what_the_filters_leave() -> None:
    for allowed in (True, False):
        DecisionEntry.objects.create(at=timezone.now(), action="a", allowed=allowed, reason="x")
    answer = client_of("dana").get(reverse("admin:leases_decision_export"), {"allowed": "false"})
    lines = [json.loads(line) for line in b"".join(answer.streaming_content).splitlines()]  # type: ignore[arg-type]
    assert [line["allowed"] for line in lines] == [False]
    assert 'filename="decisions.jsonl"' in answer["Content-Disposition"]
