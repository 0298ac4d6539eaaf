"""What people write begins where their language begins, whichever the page is in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone

from leases.models import Lease, User
from leases.services.requests import lease_request, lease_request_deny
from personas.models import Persona
from personas.services.decisions import proposal_reject
from tests.people import propose
from tests.personas.test_review_page import signed_in

ROOT = Path(__file__).resolve().parent.parent.parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
# What people wrote, by what templates call it.
WRITTEN = re.compile(
    r"\{\{ (?:\w+\.)*(?:decision_rationale|approval\.rationale|proposal\.rationale|why\.words"
    r"|lease\.reason|asked\.reason|decision_reason|revoke_reason|halt_reason|desk_halted\.reason"
    r"|sample\.note|item\.text|comment\.text|changes_asked\.text|unsent\.text|form\.rationale"
    r"|statement|card\.summary|source\.title)\b"
)
BLOCK = re.compile(r"\{%.*?%\}", re.DOTALL)
# Closed ones too: what follows them stands in an element that is further up.
TAG = re.compile(r"<(/?\w+)([^<>]*)>")
HEBREW = "כדי לכוונן את הטון"


def astray(source: str) -> list[str]:
    """The written words that do not stand right behind a tag that lets them turn."""
    source = BLOCK.sub("", source)
    tags = [(tag.end(), tag[1], tag[2]) for tag in TAG.finditer(source)]
    found = []
    for match in WRITTEN.finditer(source):
        _end, name, attributes = max(
            (tag for tag in tags if tag[0] <= match.start()), default=(0, "", "")
        )
        turns = name == "bdi" or 'dir="auto"' in attributes
        typed = name == "textarea" and "readonly" not in attributes
        if not turns and not typed:
            found.append(match[0])
    return found


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_it_leaves_no_written_words_to_the_direction_of_the_page(path: Path) -> None:
    assert astray(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_it_turns_every_arrow_with_the_direction_of_the_page(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    before = [source[: arrow.start()] for arrow in re.finditer("[→←]", source)]
    tags = [text[text.rindex("<") :].strip() for text in before]
    # A key is called by what is printed on it.
    assert [tag for tag in tags if "turn" not in tag and tag != "<kbd>"] == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<p>{{ lease.reason }}</p>", ["{{ lease.reason"]),
        ('<p class="x" dir="auto">{{ lease.reason }}</p>', []),
        ("<p>Why: <bdi>{{ lease.reason }}</bdi></p>", []),
        ("<bdi>{{ who }}</bdi> {{ lease.reason }}", ["{{ lease.reason"]),
        ('<textarea rows="{{ n }}">\n{{ form.rationale }}</textarea>', []),
        ("<textarea readonly>{{ form.rationale }}</textarea>", ["{{ form.rationale"]),
        ("<p>{{ row.reason }}</p>", []),
    ],
)
def test_it_finds_words_without_a_direction(source: str, found: list[str]) -> None:
    assert astray(source) == found


def test_it_turns_the_quotes_of_a_request(alice: User, dana: User) -> None:
    now = timezone.now()
    asked = lease_request(
        actor=alice, capability="persona:manage", ttl_secs=600, reason=HEBREW, now=now
    )
    address = reverse("admin:leases_leaserequest_answer", args=[asked.pk])
    quote = f'<blockquote class="rationale" dir="auto"><p>{HEBREW}'
    assert quote in signed_in(dana).get(address).content.decode()
    lease_request_deny(actor=dana, request_id=asked.pk, reason=HEBREW, now=now)
    assert signed_in(dana).get(address).content.decode().count(quote) == 2
    assert Lease.objects.count() == 0


def test_it_turns_the_reason_of_a_rejection_in_the_queue(
    persona: Persona, manage_lease: Lease, bob: User
) -> None:
    proposal = propose(persona)
    proposal_reject(actor=bob, proposal_id=proposal.pk, rationale=HEBREW, now=timezone.now())
    queue = reverse("admin:personas_proposal_queue")
    text = signed_in(bob).get(queue, {"status": "rejected"}).content.decode()
    assert f'dir="auto">{HEBREW}</span>' in text
