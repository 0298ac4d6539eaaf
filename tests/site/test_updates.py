"""What the desk's pages keep up to date: every topic in words, every region as htmx takes it."""

import re
from pathlib import Path

import pytest
from django.test import Client

from arw_site.desk.live_page import topic_families
from arw_site.desk.updates import topic_sentences
from personas.models import Persona
from telemetry.events.catalog import EVENTS
from tests.people import make_persona, someone

ROOT = Path(__file__).resolve().parent.parent.parent / "templates"
TOPICS = {event.topic for event in EVENTS}
LISTENS = re.compile(r'data-refresh-on="([^"]*)"')


def regions() -> list[tuple[str, str]]:
    """The tag of each region, with the template that it stands in."""
    found = []
    for path in sorted(ROOT.rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        ends = [match.start() for match in LISTENS.finditer(text)]
        for at in ends:
            start = text.rindex("<", 0, at)
            found.append((str(path.relative_to(ROOT)), text[start : text.index(">", at)]))
    return found


def test_it_has_a_sentence_for_every_topic_and_no_other() -> None:
    assert set(topic_sentences()) == TOPICS


def test_it_offers_every_topic_of_the_live_page_in_a_family() -> None:
    assert [one for one in TOPICS if not one.startswith(tuple(topic_families()))] == []


@pytest.mark.parametrize(("name", "tag"), regions(), ids=lambda value: value[:40])
def test_it_lays_every_region_over_the_one_with_its_id(name: str, tag: str) -> None:
    assert ' id="' in tag, name
    assert 'hx-ext="morph"' in tag
    assert 'hx-swap-oob="morph"' in tag
    patterns = LISTENS.findall(tag)[0].split()
    deaf = [
        one
        for one in patterns
        if not any(
            topic.startswith(one[:-1]) if one.endswith("*") else topic == one for topic in TOPICS
        )
    ]
    assert deaf == []


def test_it_keeps_the_place_of_the_card_while_there_is_nothing_in_it(db: None) -> None:
    client = Client()
    client.force_login(someone("bob"), backend="leases.authentication.PeopleBackend")
    bare = make_persona("persona.bare", traits={}, worldview={})
    told = make_persona("persona.told", worldview={"summary": "Sources come first."})
    assert card(client, bare).endswith(" hidden")
    assert not card(client, told).endswith(" hidden")


def card(client: Client, persona: Persona) -> str:
    page = client.get(persona.get_absolute_url()).content.decode()
    (tag,) = re.findall(r'<section class="card personacard" id="persona-card"(?: hidden)?', page)
    return str(tag)
