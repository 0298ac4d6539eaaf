"""Telling people what happened: rows in their inboxes, and a message for the outbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat

from leases.models import LeaseRequest, User
from leases.roles import Right
from personas.models import Notification, Persona, Proposal
from personas.selectors import proposal_get
from personas.services.approvers import approvers_of, holders
from personas.services.outbox import outbox_post

Kind = Notification.Kind
LOOK_BACK = timedelta(days=1)
BATCH = 200


@dataclass(frozen=True, slots=True)
class News:
    """What happened to a proposal or a request for a lease, or what a persona asks of ``to``.

    ``occasion`` tells apart what happens to it more than once.
    """

    kind: Notification.Kind
    about: Proposal | LeaseRequest | Persona
    actor: User | None
    now: datetime
    occasion: str = ""
    to: User | None = None

    @property
    def key(self) -> str:
        """The name under which it is told once."""
        about = str(self.about.pk)
        if isinstance(self.about, Persona):
            # Ids of personas may be longer than a key.
            about = sha256(about.encode()).hexdigest()[:32]
        return ":".join(filter(None, [str(self.kind), about, self.occasion]))


def announce(news: News) -> int:
    """Write ``news`` into the inboxes it concerns and into the outbox, together.

    News that was told already changes nothing. Returns how many inboxes it concerns.
    """
    recipients = list(recipients_of(news))
    with transaction.atomic():
        Notification.objects.bulk_create(
            (_notification(news, recipient) for recipient in recipients), ignore_conflicts=True
        )
        outbox_post(key=news.key, kind=news.kind, about=news.about, now=news.now)
    return len(recipients)


def recipients_of(news: News) -> QuerySet[User]:
    """Whom it concerns: never who did it, and nobody who may not read or cannot sign in."""
    if isinstance(news.about, Proposal):
        concerned = _concerned(news.kind, news.about)
    elif isinstance(news.about, LeaseRequest):
        concerned = _concerned_by_request(news.kind, news.about)
    else:
        concerned = Q(pk=None if news.to is None else news.to.pk)
    people = holders(Right.READ).filter(interactive=True).filter(concerned)
    if news.actor is not None:
        people = people.exclude(pk=news.actor.pk)
    return people.order_by("pk")


def outcomes_announce(*, now: datetime) -> int:
    """Tell of outcomes whose news was lost, because a process ended between commit and telling.

    Looks at the last day. Returns how many proposals that were.
    """
    told = Notification.objects.filter(proposal=OuterRef("pk"), kind=OuterRef("status"))
    untold = (
        Proposal.objects.filter(decided_at__gt=now - LOOK_BACK, decided_at__lte=now)
        .filter(status__in=[Kind.EXPIRED, Kind.APPROVED, Kind.REJECTED])
        # Who decides on their own proposal is told nothing, and needs not be asked for again.
        .filter(Q(decided_by__isnull=True) | ~Q(decided_by=F("submitted_by")))
        .filter(submitted_by__in=holders(Right.READ).filter(interactive=True))
        .filter(~Exists(told))
    )
    found = list(untold.values_list("pk", flat=True)[:BATCH])
    for proposal_id in found:
        proposal = proposal_get(proposal_id)
        announce(News(Kind(proposal.status), proposal, proposal.decided_by, now))
    return len(found) + _answers_announce(now)


def _answers_announce(now: datetime) -> int:
    """The same for answers to requests for leases."""
    told = Notification.objects.filter(
        lease_request=OuterRef("pk"), kind=Concat(Value("lease_"), OuterRef("status"))
    )
    untold = (
        LeaseRequest.objects.filter(decided_at__gt=now - LOOK_BACK, decided_at__lte=now)
        .filter(status__in=[LeaseRequest.Status.GRANTED, LeaseRequest.Status.DENIED])
        .exclude(decided_by=F("requester"))
        .filter(requester__in=holders(Right.READ).filter(interactive=True))
        .filter(~Exists(told))
    )
    found = list(untold.select_related("decided_by")[:BATCH])
    for asked in found:
        announce(News(Kind(f"lease_{asked.status}"), asked, asked.decided_by, now))
    return len(found)


def _concerned_by_request(kind: Notification.Kind, asked: LeaseRequest) -> Q:
    if kind == Kind.LEASE_REQUESTED:
        return Q(pk__in=holders(Right.MANAGE_LEASES).values("pk"))
    return Q(pk=asked.requester_id)


def _concerned(kind: Notification.Kind, proposal: Proposal) -> Q:
    author = Q(pk=proposal.submitted_by_id)
    asked = Q(pk__in=approvers_of(proposal.persona).values("pk"))
    if kind == Kind.SUBMITTED:
        return asked
    if kind == Kind.EXPIRING:
        return author | asked
    if kind == Kind.APPROVAL_RECORDED:
        return author
    return author | _took_part(proposal)


def _took_part(proposal: Proposal) -> Q:
    """Who approved, commented or revised."""
    return (
        Q(pk__in=proposal.approvals.values("approver"))
        | Q(pk__in=proposal.comments.values("author"))
        | Q(pk__in=proposal.revisions.values("author"))
    )


def _notification(news: News, recipient: User) -> Notification:
    about = news.about
    return Notification(
        recipient=recipient,
        kind=news.kind,
        proposal=about if isinstance(about, Proposal) else None,
        lease_request=about if isinstance(about, LeaseRequest) else None,
        persona=about if isinstance(about, Persona) else None,
        actor=news.actor,
        key=news.key,
        created_at=news.now,
    )
