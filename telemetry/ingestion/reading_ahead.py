"""All that a group's judgement reads of rights, in one round trip (contract §2, §6).

What is asked, and in which order, is what ``Judge`` and ``subjects`` ask by themselves: first the
locks, then what must not be older than they are. Answers that turn out not to be wanted harm
nobody; what turns out to be missing is asked for when it is.
"""

from __future__ import annotations

from collections.abc import Sequence

from leases.decisions import LOCAL_SUBJECT
from leases.halting import HALT_WAITS
from leases.models.control import THE_ROW
from leases.roles import Right
from telemetry.ingestion import rights_sql
from telemetry.ingestion.clamp import known_holder
from telemetry.ingestion.judging import questions_of
from telemetry.ingestion.personas import records
from telemetry.ingestion.session import Question, Session
from telemetry.ingestion.submission import Submission


def read_ahead(session: Session, submissions: Sequence[Submission]) -> None:
    """Ask for the rights behind the submissions, where that saves round trips.

    Whose a claim is, is known from the clamp; whether it still holds is among what is asked.
    """
    if not session.reads_ahead:
        return
    claims = sorted({one.claim for one in submissions})
    who = sorted({holder for one in claims if (holder := known_holder(one)) is not None})
    questions: list[Question] = [
        (HALT_WAITS, ()),
        (rights_sql.CONTROL, [THE_ROW]),
        records(session, {one.persona_id for one in submissions}),
    ]
    questions += [question for _, question in questions_of(session, Right.FEEDBACK, claims)]
    if who:
        questions.append(rights_sql.groups(session, who))
        questions.append(rights_sql.leases(session, [LOCAL_SUBJECT, *who]))
    session.read_ahead(questions)
