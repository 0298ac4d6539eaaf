"""Many requests, one read transaction: judged together, each answered for itself.

Token, role, record, consent and leases are read in that transaction, so that a withdrawal or a
revoke that committed before is always seen (contract §1, §6, §7). Only what may be shown is
answered here: whatever is to be refused is Django's to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from leases.api.pagination import MAX_LIMIT
from leases.roles import Right
from telemetry.api.feedback_views import HISTORY_DEFAULT
from telemetry.ingestion.judging import Judge, Standing
from telemetry.metrics.store import store
from telemetry.reading.histories import Histories, Wanted
from telemetry.reading.lists import LIST_DEFAULT, Lists
from telemetry.reading.questions import Answer, Kind, Question, Shown
from telemetry.reading.records import Record, Records
from telemetry.reading.rendering import rendered
from telemetry.reading.snapshot import read_snapshot
from telemetry.reading.sums import Sums
from telemetry.selectors import metrics_shown, previews_shown, retain_max


class _Page(NamedTuple):
    """What is shown to everybody alike who may see it."""

    kind: Kind
    persona_id: str
    limit: int
    with_previews: bool


class GroupReader:
    """Answers groups of questions, one group at a time, and remembers what it rendered."""

    def __init__(self) -> None:
        self._records = Records()
        self._histories = Histories()
        self._lists = Lists()
        self._sums = Sums()

    def answers(self, questions: Sequence[Question], now: datetime) -> list[Answer]:
        """The answers, in the order of the questions, all as of one commit and of ``now``."""
        about = {one.persona_id for one in questions if one.kind is not Kind.LIST}
        in_detail = {one.persona_id for one in questions if one.kind is Kind.DETAIL}
        with read_snapshot(now) as session:
            records = self._records.read(session, about, in_detail)
            judge = Judge(session, Right.READ, spends=False)
            judge.read_standings(one.claim for one in questions)
            judge.read_leases({one.consent.scope for one in records.values() if one.consent})
            pages = _pages(questions, records, judge)
            histories = self._histories.read(session, _histories_of(pages))
            lists = self._lists.read(session, _limits_of(pages))
            sums = self._sums.read(session, _measured(pages))
        # After the transaction: the store may be on another machine.
        rendering = _Rendering(records, histories, lists, sums, pages, now)
        shown: dict[_Page | None, Answer] = {
            page: None if page is None else rendering.page(page) for page in set(pages)
        }
        return [shown[page] for page in pages]


def _pages(
    questions: Sequence[Question], records: dict[str, Record], judge: Judge
) -> list[_Page | None]:
    allowed: dict[tuple[Standing, str], bool] = {}
    pages: list[_Page | None] = []
    for claim, kind, persona_id, limit in questions:
        who, record = judge.standing(claim), records.get(persona_id)
        if who is not None and who.permitted and kind is Kind.LIST:
            pages.append(_Page(kind, "", min(limit or LIST_DEFAULT, MAX_LIMIT), False))
            continue
        if who is None or record is None or not who.permitted:
            pages.append(None)
            continue
        name = who, persona_id
        passes = allowed.get(name)
        if passes is None:
            consent = record.consent
            passes = consent.enabled and judge.allows(who, consent, record.resource)
            allowed[name] = passes
        if not passes and kind is not Kind.DETAIL:
            pages.append(None)
            continue
        clamped = min(limit or HISTORY_DEFAULT, retain_max()) if kind is Kind.HISTORY else 0
        pages.append(_Page(kind, persona_id, clamped, passes and kind is Kind.DETAIL))
    return pages


def _histories_of(pages: Sequence[_Page | None]) -> set[Wanted]:
    return {
        (page.persona_id, page.limit)
        for page in pages
        if page is not None and page.kind is Kind.HISTORY
    }


def _measured(pages: Sequence[_Page | None]) -> set[str]:
    return {page.persona_id for page in pages if page is not None and page.kind is Kind.METRICS}


def _limits_of(pages: Sequence[_Page | None]) -> set[int]:
    return {page.limit for page in pages if page is not None and page.kind is Kind.LIST}


class _Rendering:
    """Turns the pages of one group into what is sent."""

    def __init__(
        self,
        records: dict[str, Record],
        histories: dict[Wanted, bytes],
        lists: dict[int, Shown],
        sums: dict[str, bytes],
        pages: Sequence[_Page | None],
        now: datetime,
    ) -> None:
        self._records = records
        self._histories = histories
        self._lists = lists
        self._sums = sums
        counted = {
            page.persona_id
            for page in pages
            if page is not None and (page.with_previews or page.kind is Kind.METRICS)
        }
        self._metrics = store.read_many(counted, now)

    def page(self, page: _Page) -> Answer:
        """The page's bytes."""
        persona_id = page.persona_id
        if page.kind is Kind.LIST:
            return self._lists[page.limit]
        if page.kind is Kind.HISTORY:
            body = self._histories.get((persona_id, page.limit))
            return None if body is None else Shown(body, None)
        if page.kind is Kind.METRICS:
            counted = rendered(metrics_shown(persona_id, *self._metrics[persona_id]))
            members = self._sums.get(persona_id)
            return None if members is None else Shown(counted[:-1] + b"," + members, None)
        record = self._records[persona_id]
        if record.head is None:
            return None
        further: dict[str, Any] = {}
        if page.with_previews:
            further = previews_shown(record.document, *self._metrics[persona_id])
        return Shown(*record.head.ended(further))
