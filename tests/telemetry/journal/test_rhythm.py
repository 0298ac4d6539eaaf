"""When a prompt is due, and which one: days of UTC, weeks of ISO 8601 (contract §10)."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry.journal.prompts import WORDS, prompt_text
from telemetry.journal.rhythm import (
    CADENCES,
    DAILY,
    OFF,
    PROMPTS,
    WEEKLY,
    due_period,
    next_due,
    period_of,
    prompt_of,
    prompts_of,
)

pytestmark = pytest.mark.pure
MOMENT = timedelta(microseconds=1)
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
INSTANTS = st.builds(
    datetime.fromtimestamp, st.integers(0, 250_000_000_000), st.one_of(st.just(UTC), ZONES)
)
ASKING = st.sampled_from([DAILY, WEEKLY])
NAMES = st.text("abcdefgh.0123456789", min_size=1, max_size=30)


@given(st.sampled_from(CADENCES), INSTANTS)
def test_it_puts_every_instant_into_one_period(cadence: str, now: datetime) -> None:
    period = period_of(cadence, now)
    assert period.starts <= now < period.ends
    assert period.ends - period.starts == timedelta(days=7 if cadence == WEEKLY else 1)
    assert period_of(cadence, period.starts) == period
    assert period_of(cadence, period.ends - MOMENT) == period
    assert period_of(cadence, period.ends).starts == period.ends
    assert period_of(cadence, period.starts - MOMENT).key != period.key


@given(ASKING, INSTANTS, ZONES)
def test_it_is_the_same_period_in_every_time_zone(
    cadence: str, now: datetime, zone: timezone
) -> None:
    assert period_of(cadence, now.astimezone(zone)) == period_of(cadence, now)


@given(INSTANTS)
def test_it_names_days_and_weeks_as_calendars_do(now: datetime) -> None:
    day, week = period_of(DAILY, now), period_of(WEEKLY, now)
    assert datetime.fromisoformat(day.key).replace(tzinfo=UTC) == day.starts
    assert datetime.strptime(f"{week.key}-1", "%G-W%V-%u").replace(tzinfo=UTC) == week.starts
    assert week.starts <= day.starts < week.ends
    assert day.key != week.key


@given(ASKING, INSTANTS, INSTANTS)
def test_it_orders_keys_as_time_goes(cadence: str, one: datetime, other: datetime) -> None:
    first, second = sorted((one, other))
    keys = period_of(cadence, first).key, period_of(cadence, second).key
    assert keys[0] <= keys[1]


@pytest.mark.parametrize(
    ("now", "day", "week"),
    [
        (datetime(2026, 1, 1, tzinfo=UTC), "2026-01-01", "2026-W01"),
        (datetime(2024, 12, 30, tzinfo=UTC), "2024-12-30", "2025-W01"),
        (datetime(2027, 1, 3, 23, 59, tzinfo=UTC), "2027-01-03", "2026-W53"),
        (
            datetime(2026, 2, 1, 1, 0, tzinfo=timezone(timedelta(hours=2))),
            "2026-01-31",
            "2026-W05",
        ),
    ],
)
def test_it_knows_the_edges_of_the_year(now: datetime, day: str, week: str) -> None:
    assert (period_of(DAILY, now).key, period_of(WEEKLY, now).key) == (day, week)


@given(ASKING, INSTANTS)
def test_it_is_due_until_it_is_answered(cadence: str, now: datetime) -> None:
    period = period_of(cadence, now)
    assert due_period(cadence, set(), now) == period
    assert next_due(cadence, set(), now) == period.starts
    assert due_period(cadence, {period.key}, now) is None
    assert next_due(cadence, {period.key}, now) == period.ends
    assert due_period(cadence, {period.key}, period.ends) == period_of(cadence, period.ends)


@given(INSTANTS)
def test_it_is_never_due_where_it_is_off(now: datetime) -> None:
    assert due_period(OFF, set(), now) is None
    assert next_due(OFF, set(), now) is None


@given(ASKING, NAMES, INSTANTS)
def test_it_asks_every_prompt_before_one_comes_back(
    cadence: str, persona_id: str, now: datetime
) -> None:
    prompts, asked = prompts_of(cadence), []
    for _ in prompts:
        period = period_of(cadence, now)
        asked.append(prompt_of(cadence, persona_id, now))
        assert prompt_of(cadence, persona_id, period.starts) == asked[-1]
        assert prompt_of(cadence, persona_id, period.ends - MOMENT) == asked[-1]
        now = period.ends
    assert sorted(asked) == sorted(prompts)
    assert prompt_of(cadence, persona_id, now) == asked[0]


def test_it_asks_differently_about_different_personas() -> None:
    now = datetime(2026, 1, 31, tzinfo=UTC)
    assert len({prompt_of(DAILY, f"persona.{one}", now) for one in range(20)}) > 3


def test_it_has_words_for_every_prompt_and_no_others() -> None:
    assert set(WORDS) == set(PROMPTS)
    assert len({prompt_text(one, "Mara") for one in PROMPTS}) == len(PROMPTS)
    assert all("Mara" in prompt_text(one, "Mara") for one in PROMPTS)
    assert all(prompt_text(one, "100%s")[-1] in "?" for one in PROMPTS)
    assert prompt_text("unheard-of", "Mara") == ""
