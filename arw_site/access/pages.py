"""Every page of the desk by its URL name, and what seeing it and sending its form need.

Whoever is not signed in is led to the sign-in, and a stranger is told that they have no role yet.
``DeskSite`` asks for ``seen`` before a page is made; a form with needs of its own is judged by the
page's service, so that its refusal is explained on the page and kept in the decision log. A page
that is missing here is open to nobody; an entry is one line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from leases.api.access import Access, Door
from leases.capabilities import PERSONA_MANAGE, telemetry_action
from leases.roles import Right

NOBODY: Final = Access(Door.NOBODY)
READS: Final = Access(Right.READ)


@dataclass(frozen=True, slots=True)
class Page:
    """What a page needs: ``seen`` for GET, ``form`` for POST where that needs something else."""

    seen: Access
    form: Access | None = None

    @property
    def sent(self) -> Access:
        """What POST needs."""
        return self.form or self.seen


def _page(
    seen: Right | Door = Right.READ, form: Access | None = None, *, owner: Right | None = None
) -> Page:
    return Page(Access(seen, owner=owner), form)


def _stock(
    model: str, seen: Right = Right.READ, sent: Right | Door = Door.NOBODY, **pages: Right | Door
) -> Iterator[tuple[str, Page]]:
    """Django's own pages of one model; those that only services may write are never sent."""
    for name in ("changelist", "history"):
        yield f"{model}_{name}", _page(seen)
    yield f"{model}_change", _page(seen, Access(sent))
    for name in ("add", "delete"):
        yield f"{model}_{name}", _page(pages.get(name, sent))


_PROPOSE: Final = _page(Right.PROPOSE, Access(Right.PROPOSE, PERSONA_MANAGE))
_MANAGES: Final = _page(Right.MANAGE_LEASES, Access(Right.MANAGE_LEASES))
_CONSENT: Final = Access(Right.MANAGE, PERSONA_MANAGE)

_ROW_PAGES: Final = ("history", "change", "add", "delete")

PAGES: Final[dict[str, Page]] = {
    # --- the door itself
    "login": _page(Door.PUBLIC),
    "logout": _page(Door.SIGNED_IN),
    "password_change": _page(),
    "password_change_done": _page(),
    "jsi18n": _page(),
    "autocomplete": _page(Door.NOBODY),  # no form of the desk asks for it
    # --- several topics
    "index": _page(),
    "app_list": _page(),
    "desk_inbox": _page(),
    "desk_journal": _page(),
    "desk_journal_answer": _page(form=Access(Right.FEEDBACK)),
    "desk_journal_rhythm": _page(form=Access(Right.FEEDBACK)),
    "desk_journal_erase": _page(),
    "desk_live": _page(),
    "desk_design": _page(),
    "desk_badges": _page(),
    "desk_search": _page(),
    "desk_search_found": _page(),
    "desk_preferences": _page(),
    "desk_tokens": _page(),
    "desk_token_revoke": _page(),
    "telemetry_event_log": _page(Right.MANAGE),
    "telemetry_event_log_export": _page(Right.MANAGE),
    # --- personas and proposals
    "personas_persona_page": _page(),
    "personas_persona_propose": _PROPOSE,
    "personas_persona_compare": _page(),
    "memory_item": _page(),
    "memory_suggest": _page(form=Access(Right.PROPOSE, PERSONA_MANAGE)),
    "personas_persona_at": _page(),
    "personas_persona_restore": _PROPOSE,
    "personas_proposal_queue": _page(),
    "personas_proposal_review": _page(
        form=Access(Right.DECIDE, PERSONA_MANAGE, more="The author may withdraw.")
    ),
    "personas_proposal_comment": _page(form=Access(Right.PROPOSE)),
    "personas_proposal_revise": _page(
        Right.DECIDE,
        Access(Right.DECIDE, PERSONA_MANAGE, owner=Right.PROPOSE),
        owner=Right.PROPOSE,
    ),
    "personas_proposal_revisions": _page(),
    # --- consent, leases
    "telemetry_consent": _page(form=_CONSENT),
    "telemetry_consent_grant": _page(form=_CONSENT),
    "telemetry_consent_bulk": _page(form=_CONSENT),
    "telemetry_receipts": _page(),
    "telemetry_feedback_give": _page(form=Access(Right.FEEDBACK, telemetry_action("{scope}"))),
    "leases_lease_grant": _page(form=Access(Right.MANAGE_LEASES)),
    "leases_lease_past": _page(),
    "leases_lease_renew": _MANAGES,
    "leases_lease_revoke": _MANAGES,
    "leases_lease_revoke_prefix": _MANAGES,
    "leases_leaserequest_list": _page(),
    "leases_leaserequest_ask": _page(),
    "leases_leaserequest_answer": _MANAGES,
    "leases_leaserequest_deny": _MANAGES,
    "leases_leaserequest_cancel": _page(),
    # --- policy, kill switch, decisions
    "leases_policy_page": _page(),
    "leases_policy_reload": _MANAGES,
    "leases_policy_simulate": _page(),
    "leases_killswitch_set": _MANAGES,
    "leases_decision_log": _page(Right.MANAGE_LEASES),
    "leases_decision_detail": _page(Right.MANAGE_LEASES),
    "leases_decision_export": _page(Right.MANAGE_LEASES),
    # --- tables
    **dict(_stock("leases_lease")),
    **dict(_stock("leases_apitoken", Right.MANAGE_LEASES)),
    **dict(_stock("leases_user", Right.MANAGE, Right.MANAGE, delete=Door.NOBODY)),
    "auth_user_password_change": _page(Right.MANAGE),
    **dict(_stock("personas_approverrule", Right.MANAGE, Right.MANAGE)),
    **dict(_stock("personas_persona")),
    **dict(_stock("personas_proposal")),
    **dict(_stock("personas_historyentry")),
    **dict(_stock("telemetry_consentreceipt")),
    **dict(_stock("telemetry_sharingreceipt")),
    # Whose samples one may read is a matter of leases: the list holds only those, and all of them.
    "telemetry_vibesample_changelist": _page(),
    **{f"telemetry_vibesample_{one}": _page(Door.NOBODY) for one in _ROW_PAGES},
}

UNNAMED: Final = _page()
"""Addresses without a name: the way to a row's own page, and whatever is unknown."""
