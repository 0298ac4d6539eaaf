"""The journal's pages: forms that keep what was typed, and nobody else's words (contract §10)."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from leases.models import User
from personas.models import Notification, Persona, Proposal
from telemetry.journal.answering import journal_answer
from telemetry.journal.reminding import SETTLED, reflections_remind
from telemetry.journal.rhythm import DAILY
from telemetry.journal.rhythms import journal_rhythm_set
from telemetry.models import JournalAnswer, JournalRhythm, MemoryItem
from tests.people import grant, make_persona, someone

JOURNAL = "/admin/journal/"
TEXT = "She <b>listened</b>."
SEEN = "She &lt;b&gt;listened&lt;/b&gt;."


def client_of(name: str) -> Client:
    client = Client()
    client.force_login(someone(name), backend="leases.authentication.PeopleBackend")
    return client


def send(persona: Persona | str, text: str, who: str = "alice", **more: str) -> HttpResponse:
    persona_id = persona if isinstance(persona, str) else persona.pk
    address = reverse("admin:desk_journal_answer", args=[persona_id])
    return client_of(who).post(address, {"reflection": text, **more})  # type: ignore[return-value]


def page(who: str = "alice", **query: str) -> Any:
    return client_of(who).get(JOURNAL, query)


@pytest.fixture
def asked(alice: User, persona: Persona) -> JournalRhythm:
    """alice is asked about persona.alpha each day."""
    return journal_rhythm_set(actor=alice, persona_id=persona.pk, cadence=DAILY, now=timezone.now())


@pytest.fixture
def written(alice: User, persona: Persona) -> JournalAnswer:
    return journal_answer(actor=alice, persona_id=persona.pk, text=TEXT, now=timezone.now())


def test_it_says_what_to_do_first(persona: Persona) -> None:
    text = page().content.decode()
    assert "Nobody asks you yet" in text
    assert "Nothing written yet" in text
    assert 'id="badge-journal"' in text
    assert "<textarea" not in text


def test_it_says_on_the_first_page_that_prompts_wait(asked: JournalRhythm, bob: User) -> None:
    words = "1 prompt of your journal waits for you"
    assert words in client_of("alice").get("/admin/").content.decode()
    assert words not in client_of("bob").get("/admin/").content.decode()


def test_it_asks_and_keeps(asked: JournalRhythm) -> None:
    before = page()
    assert [one.due.rhythm for one in before.context["waiting"]] == [asked]
    assert "1 prompt waits for you." in before.content.decode()
    answer = send(asked.persona, TEXT)
    kept = JournalAnswer.objects.get()
    assert answer["Location"] == f"{JOURNAL}#reflection-{kept.pk}"
    after = page()
    assert SEEN in after.content.decode()
    assert after.context["waiting"] == []
    assert "All answered" in after.content.decode()


@pytest.mark.parametrize("text", ["", "  \n", "ä" * 4097])
def test_it_says_beside_the_field_what_is_wrong(asked: JournalRhythm, text: str) -> None:
    refused: Any = send(asked.persona, text)
    assert refused.status_code == 400
    shown = refused.content.decode()
    assert 'id="answer-error-persona.alpha" role="alert"' in shown
    assert 'aria-describedby="answer-help-persona.alpha answer-error-' in shown
    assert refused.context["waiting"][0].form.text == text
    assert not MemoryItem.objects.exists()


def test_it_shows_what_the_second_tab_had_typed(written: JournalAnswer) -> None:
    refused: Any = send(written.persona, "Another tab.")
    assert refused.status_code == 409
    assert refused.context["unsent"].text == "Another tab."
    assert "This was answered already" in refused.content.decode()
    assert MemoryItem.objects.get().text == TEXT


def test_it_keeps_what_was_typed_beyond_the_daily_budget(
    asked: JournalRhythm, settings: Any
) -> None:
    settings.ARW_PERSONA_MEMORY_PER_DAY = 1
    make_persona("persona.beta")
    assert send("persona.beta", "First.").status_code == 302
    refused: Any = send(asked.persona, "Second.")
    assert refused.status_code == 429
    assert refused.context["waiting"][0].form.text == "Second."
    assert "try tomorrow" in refused.content.decode()
    assert MemoryItem.objects.get().text == "First."


def test_it_loses_no_text_where_nothing_waits(persona: Persona) -> None:
    refused: Any = send(persona, "Well done.", prompt="unheard.of")
    assert refused.status_code == 400
    assert refused.context["unsent"].text == "Well done."
    assert not MemoryItem.objects.exists()


def test_it_shows_nobody_elses_journal(written: JournalAnswer, bob: User, dana: User) -> None:
    for who in ("bob", "dana"):
        for query in ({}, {"erase": str(written.item_id)}, {"persona": written.persona_id}):
            assert SEEN not in page(who, **query).content.decode()
        erase = reverse("admin:desk_journal_erase", args=[written.item_id])
        assert client_of(who).post(erase).status_code == 404
    assert MemoryItem.objects.get().text == TEXT


def test_it_says_whether_it_is_shared(written: JournalAnswer) -> None:
    assert [one.shared for one in page().context["kept"]] == [False]
    grant("share:persona")
    assert [one.shared for one in page().context["kept"]] == [True]


def test_it_names_what_rests_on_an_answer(alice: User, written: JournalAnswer) -> None:
    bot = User.objects.create_user("bot", interactive=False)
    bot.groups.set(alice.groups.all())
    belief = {"id": "listens", "statement": "Listen.", "citations": [str(written.item_id)]}
    now = timezone.now()
    proposal = Proposal.objects.create(
        persona=written.persona,
        submitted_by=bot,
        diff=[{"op": "add", "path": "/worldview/beliefs", "value": [belief]}],
        base_version=1,
        digest="0" * 64,
        expires_at=now,
        created_at=now,
        updated_at=now,
    )
    (kept,) = page().context["kept"]
    assert kept.proposals == (proposal,)
    assert kept.beliefs == 0
    make_persona("persona.beta", worldview={"beliefs": [belief]})
    assert page().context["kept"][0].beliefs == 0


def test_it_erases_after_asking(written: JournalAnswer) -> None:
    erase = reverse("admin:desk_journal_erase", args=[written.item_id])
    asking = client_of("alice").get(erase)
    assert asking["Location"] == f"{JOURNAL}?erase={written.item_id}"
    asked = page(erase=str(written.item_id)).content.decode()
    assert SEEN in asked
    assert "What a proposal quoted of them while they were shared stays" in asked
    assert MemoryItem.objects.get().erased_at is None
    client = client_of("alice")
    assert client.post(erase)["Location"] == JOURNAL
    done = client.get(JOURNAL).content.decode()
    assert "The reflection is erased. What a proposal quoted of it stays there." in done
    assert MemoryItem.objects.get().erased_at is not None
    assert page().context["kept"] == []
    assert page(erase="nonsense").context["asked"] is None


def test_it_sets_a_rhythm_and_goes_back(persona: Persona) -> None:
    address = reverse("admin:desk_journal_rhythm")
    here = persona.get_absolute_url()
    sent = {"persona": persona.pk, "cadence": "weekly", "next": here}
    assert client_of("alice").post(address, sent)["Location"] == here
    assert JournalRhythm.objects.get().cadence == "weekly"
    elsewhere = {**sent, "cadence": "off", "next": "https://elsewhere.example/"}
    assert client_of("alice").post(address, elsewhere)["Location"] == JOURNAL
    assert JournalRhythm.objects.get().cadence == "off"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"persona": "", "cadence": "daily"}, 400),
        ({"persona": "persona.alpha", "cadence": "hourly"}, 400),
        ({"persona": "persona.gone", "cadence": "daily"}, 404),
        ({}, 400),
    ],
)
def test_it_refuses_a_rhythm_that_is_none(
    persona: Persona, sent: dict[str, str], status: int
) -> None:
    answer = client_of("alice").post(reverse("admin:desk_journal_rhythm"), sent)
    assert answer.status_code == status
    assert not JournalRhythm.objects.exists()


def test_it_knows_no_persona_that_is_gone(persona: Persona) -> None:
    assert send("persona.gone", TEXT).status_code == 404
    assert page(persona="persona.gone").status_code == 404
    assert not MemoryItem.objects.exists()


def test_it_leads_from_the_inbox_to_the_prompt(asked: JournalRhythm) -> None:
    reflections_remind(now=timezone.now() + SETTLED)
    assert Notification.objects.get().recipient == asked.person
    text = client_of("alice").get(reverse("admin:desk_inbox")).content.decode()
    assert 'href="/admin/journal/#due-persona.alpha">Companion</a> asks for a reflection' in text


def test_it_shows_reflections_and_the_rhythm_on_the_page_of_a_persona(
    written: JournalAnswer, asked: JournalRhythm, bob: User
) -> None:
    address = written.persona.get_absolute_url()
    own = client_of("alice").get(address)
    assert SEEN in own.content.decode()
    assert own.context["rhythm"].cadence == "daily"
    assert own.context["rhythm"].waits is False
    others = client_of("bob").get(address)
    assert SEEN not in others.content.decode()
    assert others.context["rhythm"].cadence == "off"
    grant("share:persona")
    assert SEEN in client_of("bob").get(address).content.decode()


@pytest.mark.parametrize("method", ["get", "post"])
def test_it_refuses_strangers(written: JournalAnswer, method: str) -> None:
    charlie = client_of("charlie")
    for name, args in (
        ("desk_journal", []),
        ("desk_journal_answer", [written.persona_id]),
        ("desk_journal_rhythm", []),
        ("desk_journal_erase", [written.item_id]),
    ):
        answer = getattr(charlie, method)(reverse(f"admin:{name}", args=args))
        assert answer.status_code == 403
    assert MemoryItem.objects.get().text == TEXT
    assert not JournalRhythm.objects.exists()


def test_it_is_off_with_the_feature(persona: Persona, settings: Any) -> None:
    settings.ARW_PERSONA_ENABLE = False
    answer = client_of("alice").get(JOURNAL, headers={"Accept": "text/html"})
    assert answer.status_code == 501
