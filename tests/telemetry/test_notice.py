"""The notice before a grant of consent (contract §7)."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest

from leases.models import User
from telemetry.notices import current_notice
from tests.fixtures import ApiFor
from tests.people import problem

NOTICE = "/state/consent-notice"


def test_it_says_what_is_collected_how_long_who_reads_and_how_to_withdraw(
    settings: Any,
) -> None:
    settings.ARW_PERSONA_VIBE_HISTORY_RETAIN = 77
    settings.ARW_PERSONA_VIBE_MAX_AGE = timedelta(days=3)
    paragraphs = current_notice().paragraphs
    starts = ["What is collected:", "How long it is kept:", "Who reads it:", "How to withdraw:"]
    for paragraph, start in zip(paragraphs, starts, strict=True):
        assert paragraph.startswith(start)
    assert "newest 77 samples" in paragraphs[1]
    assert "3 days" in paragraphs[1]


@pytest.mark.parametrize(
    ("age", "text"),
    [
        (timedelta(days=1), "1 day."),
        (timedelta(hours=36), "36 hours."),
        (timedelta(minutes=90), "90 minutes."),
        (timedelta(seconds=61), "61 seconds."),
    ],
)
def test_it_tells_the_age_in_the_largest_whole_unit(
    settings: Any, age: timedelta, text: str
) -> None:
    settings.ARW_PERSONA_VIBE_MAX_AGE = age
    assert text in current_notice().paragraphs[1]


def test_it_is_hashed_exactly_as_it_is_shown(api: ApiFor, charlie: User, settings: Any) -> None:
    shown = api(charlie).get(NOTICE).json()
    text = "\n\n".join([shown["title"], *shown["paragraphs"]])
    assert hashlib.sha256(text.encode()).hexdigest() == shown["sha256"]
    assert shown["sha256"] == current_notice().sha256
    assert shown["version"] == current_notice().version
    settings.ARW_PERSONA_VIBE_HISTORY_RETAIN = 49
    assert current_notice().sha256 != shown["sha256"]


def test_it_is_for_the_signed_in(api: ApiFor) -> None:
    problem(api(None).get(NOTICE), 401)
