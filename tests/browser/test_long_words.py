"""Words without an end break inside the page and never push it sideways."""

from tests.browser.conftest import NewPage
from tests.browser.desk import CONSENT, PERSONA, SIMULATOR, Desk, overflow
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


MAKE_MORE = """
from django.contrib.auth.models import Group
from django.utils import timezone
from leases.models import User
from leases.services.granting import lease_grant
word = %(word)r
dana = User.objects.get(username="dana")
someone = User.objects.create_user(username=word[:150], first_name=word[:150])
someone.groups.add(Group.objects.get(name="members"))
for capability in ("persona:manage", "telemetry:persona:" + word[:100]):
    lease_grant(
        actor=dana, capability=capability, subject=str(someone.pk), reason=word, ttl_secs=600,
        now=timezone.now(),
    )
"""


def test_it_breaks_long_words_of_decisions_and_switches(
    server: RunningServer, new_page: NewPage
) -> None:
    desk = Desk(server, new_page)
    sharing = {"telemetry": {"vibe": {"enabled": False, "scope": f"{WORD[:60]}-{WORD[:60]}"}}}
    make = (MAKE % {"word": WORD}).replace('"traits"', f'"preferences": {sharing}, "traits"')
    for source in (make, MAKE_MORE % {"word": WORD}):
        server.manage("shell", "--no-imports", "-v", "0", "-c", source)
    simulated = f"{SIMULATOR}?subject={WORD[:150]}&persona=persona.long"
    addresses = [
        *(f"{simulated}&action={action}" for action in ("persona.manage", "persona.feedback")),
        f"{simulated}&action={WORD}",
        *(f"{CONSENT}bulk/?to={to}&all=1" for to in ("on", "off")),
        f"{CONSENT}bulk/?to=on&persona=persona.long",
        f"{CONSENT}persona.long/grant/",
        CONSENT,
        PERSONA,
    ]
    wide = []
    for width in (320, 1440):
        page = desk.page_as("dana", width=width)
        for address in addresses:
            assert page.goto(address).ok, address  # type: ignore[union-attr]
            if overflow(page) > 0:
                wide.append((width, address, overflow(page)))
        page.close()
    assert wide == []
