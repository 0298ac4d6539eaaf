"""The desk in a browser: a seeded server, and pages as one of its people."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page

from tests.browser.conftest import NewPage
from tests.services.server import RunningServer

SEED = "from tests.browser.desk_data import main; main()"
COOKIE = "arw_session"


def no_page(*_arguments: Any, **_options: Any) -> Page:
    """Stands in where a test gives the desk its own pages later."""
    raise AssertionError("the desk has no pages yet")


class Desk:
    """One seeded server. `proposals` and `sessions` are what `desk_data.seed()` returned."""

    def __init__(self, server: RunningServer, new_page: NewPage | None) -> None:
        self.server = server
        self.new_page = new_page or no_page
        printed = server.manage("shell", "--no-imports", "-v", "0", "-c", SEED)
        made: dict[str, dict[str, str]] = json.loads(printed.strip().splitlines()[-1])
        self.proposals, self.sessions = made["proposals"], made["sessions"]
        self.access = made["access"]

    def page_as(self, name: str, **options: Any) -> Page:
        """A page of somebody who is signed in; each has cookies of their own."""
        page = self.new_page(self.server, **options)
        cookie = {"name": COOKIE, "value": self.sessions[name], "url": self.server.base}
        page.context.add_cookies([cookie])  # type: ignore[list-item]
        return page

    def review(self, which: str) -> str:
        """The address of a proposal's review screen."""
        return f"/admin/personas/proposal/{self.proposals[which]}/review/"

    def about(self, which: str, page: str) -> str:
        """The address of another page about a proposal: `revise`, `revisions`."""
        return f"/admin/personas/proposal/{self.proposals[which]}/{page}/"

    def lease(self, page: str) -> str:
        """The address of a page about the lease that the seed lives on: `renew`, `revoke`."""
        return f"/admin/leases/lease/{self.access['lease']}/{page}/"

    @property
    def lease_request(self) -> str:
        """The address of the request that waits for an answer."""
        return f"/admin/leases/lease/requests/{self.access['request']}/"

    @property
    def decision(self) -> str:
        """The address of the newest logged decision."""
        return f"{DECISIONS}{self.access['decision']}/"


OpenDesk = Callable[..., Desk]

QUEUE = "/admin/personas/proposal/queue/"
PROPOSE = "/admin/personas/persona/persona.mara/propose/"
PERSONA = "/admin/personas/persona/persona.mara/page/"
CONSENT = "/admin/telemetry/consentreceipt/consent/"
RECEIPTS = "/admin/telemetry/consentreceipt/receipts/"
TOMAS = "/admin/personas/persona/persona.tomas/page/"
GRANT_CONSENT = "/admin/telemetry/consentreceipt/consent/persona.mara/grant/"
LEASES = "/admin/leases/lease/grant/"
LIVE = "/admin/live/"
INBOX = "/admin/inbox/"
JOURNAL = "/admin/journal/"
ILSE = "/admin/personas/persona/persona.ilse"
RULES = "/admin/personas/approverrule/"
# Grave changes take two approvers, as pages about several people's decisions need it.
QUORUM = {"ARW_PERSONA_APPROVALS_REQUIRED_HIGH": "2"}
EVENT_LOG = "/admin/event-log/"
POLICY = "/admin/policy/"
KILL_SWITCH = f"{POLICY}kill-switch/"
SIMULATOR = f"{POLICY}simulate/"
DECISIONS = f"{POLICY}decisions/"


def every_page(desk: Desk) -> dict[str, tuple[str, str]]:
    """The pages by name: who looks, and at which address."""
    return {
        "home": ("bob", "/admin/"),
        "home-admin": ("dana", "/admin/"),
        "queue": ("bob", QUEUE),
        "review": ("bob", desk.review("big")),
        "review-side-by-side": ("bob", desk.review("big") + "?view=side"),
        "review-raw-patch": ("bob", desk.review("big") + "?view=patch"),
        "review-conflict": ("bob", desk.review("conflict")),
        "review-rebased": ("bob", desk.review("moved")),
        "review-lease-missing": ("dana", desk.review("needs_lease")),
        "review-approved": ("bob", desk.review("approved")),
        "review-rejected": ("bob", desk.review("rejected")),
        "review-discussed": ("bob", desk.review("discussed")),
        "review-quorum": ("bob", desk.review("quorum")),
        "review-withdrawn": ("alice", desk.review("withdrawn")),
        "review-undo": ("bob", desk.review("done")),
        "review-linked": ("bob", f"{desk.review('big')}?path=/traits/style#at"),
        "revise": ("alice", desk.about("discussed", "revise")),
        "revise-conflict": ("alice", desk.about("conflict", "revise")),
        "revisions": ("bob", desk.about("quorum", "revisions")),
        "queue-rejected": ("bob", f"{QUEUE}?status=rejected"),
        "inbox": ("bob", INBOX),
        "journal": ("alice", JOURNAL),
        "journal-empty": ("bob", JOURNAL),
        "journal-erase": ("alice", f"{JOURNAL}?erase={desk.access['reflection']}"),
        "search": ("bob", "/admin/search/?q=mara"),
        "search-nothing": ("bob", "/admin/search/?q=zzzz"),
        "preferences": ("bob", "/admin/preferences/"),
        "tokens-own": ("alice", "/admin/tokens/"),
        "tokens-all": ("dana", "/admin/tokens/"),
        "inbox-unread": ("alice", f"{INBOX}?show=unread"),
        "persona-verified": ("bob", f"{ILSE}/page/?verify=1"),
        "compare": ("bob", f"{ILSE}/compare/?from=1&to=3"),
        "compare-linked": ("bob", f"{ILSE}/compare/?from=1&to=3&path=/traits/pace#at"),
        "version": ("bob", f"{ILSE}/at/1/"),
        "restore": ("alice", f"{ILSE}/restore/1/"),
        "approver-rules": ("dana", RULES),
        "approver-rule-new": ("dana", f"{RULES}add/"),
        "approver-rule": ("dana", f"{RULES}{desk.access['rule']}/change/"),
        "approver-rule-edits": ("dana", f"{RULES}{desk.access['rule']}/history/"),
        "approver-rule-delete": ("dana", f"{RULES}{desk.access['rule']}/delete/"),
        "propose": ("alice", PROPOSE),
        "persona": ("dana", PERSONA),
        "telemetry": ("dana", CONSENT),
        "telemetry-grant": ("dana", GRANT_CONSENT),
        "telemetry-bulk": ("dana", f"{CONSENT}bulk/?to=on&all=1"),
        "telemetry-bulk-off": ("dana", f"{CONSENT}bulk/?to=off&all=1"),
        "telemetry-receipts": ("dana", RECEIPTS),
        "telemetry-receipts-none": ("dana", f"{RECEIPTS}?persona=persona.ilse"),
        "persona-vibe": ("bob", TOMAS),
        "leases": ("dana", LEASES),
        "leases-member": ("alice", LEASES),
        "leases-past": ("dana", "/admin/leases/lease/past/"),
        "lease-renew": ("dana", desk.lease("renew")),
        "lease-revoke": ("dana", desk.lease("revoke")),
        "leases-revoke": ("dana", "/admin/leases/lease/revoke/?prefix=persona"),
        "lease-requests": ("dana", "/admin/leases/lease/requests/"),
        "lease-request": ("dana", desk.lease_request),
        "lease-ask": ("alice", "/admin/leases/lease/ask/?capability=persona:manage"),
        "leases-share": ("dana", f"{LEASES}?capability=share:persona"),
        "lease-ask-share": ("alice", "/admin/leases/lease/ask/?capability=share:persona"),
        "policy": ("dana", POLICY),
        "kill-switch": ("dana", KILL_SWITCH),
        "simulator": ("bob", f"{SIMULATOR}?action=persona.manage&persona=persona.mara"),
        "simulator-refused": (
            "dana",
            f"{SIMULATOR}?subject=alice&action=telemetry.persona.zine&persona=persona.tomas",
        ),
        "decisions": ("dana", DECISIONS),
        "decisions-refused": ("dana", f"{DECISIONS}?allowed=false"),
        "decision": ("dana", desk.decision),
        "live": ("bob", LIVE),
        "event-log": ("dana", EVENT_LOG),
        "personas": ("bob", "/admin/personas/persona/"),
        "persona-record": ("bob", "/admin/personas/persona/persona.mara/change/"),
        "history": ("bob", "/admin/personas/historyentry/"),
        "history-record": ("bob", "/admin/personas/historyentry/1/change/"),
        "history-none": ("bob", "/admin/personas/historyentry/?q=nobody"),
        "proposals": ("bob", "/admin/personas/proposal/"),
        "proposal-record": ("bob", desk.about("quorum", "change")),
        "lease-table": ("dana", "/admin/leases/lease/"),
        "lease-record": ("dana", desk.lease("change")),
        "receipt-table": ("dana", "/admin/telemetry/consentreceipt/"),
        "receipt-record": (
            "dana",
            f"/admin/telemetry/consentreceipt/{desk.access['receipt']}/change/",
        ),
        "sharing-table": ("dana", "/admin/telemetry/sharingreceipt/"),
        "sharing-record": (
            "dana",
            f"/admin/telemetry/sharingreceipt/{desk.access['sharing']}/change/",
        ),
        "sample-table": ("dana", "/admin/telemetry/vibesample/"),
        "token-table": ("dana", "/admin/leases/apitoken/"),
        "design": ("dana", "/admin/design/"),
        "people": ("dana", "/admin/leases/user/"),
        "person-new": ("dana", "/admin/leases/user/add/"),
        "person-record": ("dana", f"/admin/leases/user/{desk.access['person']}/change/"),
        "person-password": ("dana", f"/admin/leases/user/{desk.access['person']}/password/"),
        "password": ("bob", "/admin/password_change/"),
        "password-done": ("bob", "/admin/password_change/done/"),
        "tables": ("dana", "/admin/personas/"),
    }


def notices(page: Page) -> Locator:
    """What the page says of the form that it answers; messages beside the page are elsewhere."""
    return page.locator(".notices[role=status]")


def scripts_run(page: Page) -> None:
    """Returns once they do. A key that is pressed before is nobody's, and a button sends its form."""
    page.wait_for_load_state()


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    page.wait_for_load_state()  # with its styles
    width: int = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return width
