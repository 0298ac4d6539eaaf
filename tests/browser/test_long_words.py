"""Words without an end break inside the page and never push it sideways."""

from tests.browser.conftest import NewPage
from tests.browser.desk import Desk, overflow
from tests.browser.test_live_updates import api
from tests.services.server import RunningServer

WORD = "Donaudampfschifffahrtsgesellschaft" * 5
MAKE = """
from django.utils import timezone
from leases.models import User
from personas.services.records import persona_create
word = %(word)r
persona_create(actor=User.objects.get(username="dana"), now=timezone.now(), fields={
    "id": "persona.long", "owner_kind": "workspace", "owner_ref": word[:64], "name": word[:120],
    "archetype": word, "traits": {word[:60]: word, "list": [word, "short"]},
})
"""
LONG = "/admin/personas/persona/persona.long"


def test_it_breaks_long_words(server: RunningServer, new_page: NewPage) -> None:
    desk = Desk(server, new_page)
    server.manage("shell", "--no-imports", "-v", "0", "-c", MAKE % {"word": WORD})
    body = {"diff": {"archetype": WORD[::-1]}, "rationale": WORD}
    made = api(desk, "alice", "/admin/persona/persona.long/proposals", body)
    review = f"/admin/personas/proposal/{made['proposal_id']}/review/"
    wide = []
    for width in (320, 1440):
        page = desk.page_as("dana", width=width)
        for address in (f"{LONG}/page/", f"{LONG}/at/1/", f"{LONG}/propose/", review, "/admin/"):
            assert page.goto(address).ok  # type: ignore[union-attr]
            if overflow(page) > 0:
                wide.append((width, address, overflow(page)))
        page.close()
    assert wide == []
