"""Many readers are judged with few queries, as each would be judged alone (contract §1, §8)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from leases.models import ApiToken, User
from telemetry.events.credentials import Credential
from telemetry.events.judging import Question, judge
from telemetry.services.admission import may_read_telemetry
from tests.people import make_persona
from tests.telemetry.events.conftest import World

pytestmark = pytest.mark.django_db(transaction=True)


def credential(user: User, life: timedelta = timedelta(hours=1)) -> Credential:
    token, _ = ApiToken.objects.create(user=user, expiry=life, name="t")
    return Credential(user.pk, token=token.pk, expires=token.expiry)


def test_it_judges_each_as_it_would_be_judged_alone(world: World) -> None:
    make_persona("persona.silent")
    barred = world.bob
    barred.is_active = False
    barred.save()
    root = User.objects.create_superuser("root")
    revoked = credential(world.alice)
    ApiToken.objects.filter(pk=revoked.token).delete()
    people = (world.alice, barred, world.charlie, world.dana, root)
    credentials = [credential(user) for user in people]
    credentials += [revoked, credential(world.dana, timedelta(seconds=-1)), Credential(root.pk)]
    pairs = [
        (user.pk, name)
        for user in people
        for name in ("persona.alpha", "persona.silent", "persona.none")
    ]
    now = timezone.now()
    answers = judge([*credentials, *pairs], now)
    assert [answers[one] for one in credentials] == [
        one.reader(now) is not None for one in credentials
    ]
    expected = {
        (user.pk, "persona.alpha"): may_read_telemetry(
            actor=User.objects.get(pk=user.pk), persona=world.persona, now=now
        )
        for user in people
    }
    assert {pair: answers[pair] for pair in pairs} == dict.fromkeys(pairs, False) | expected
    assert expected[world.alice.pk, "persona.alpha"] is True
    assert expected[barred.pk, "persona.alpha"] is False


def test_it_asks_as_often_for_many_streams_as_for_one(world: World) -> None:
    def queries(streams: int) -> int:
        questions: list[Question] = [credential(world.alice) for _ in range(streams)]
        questions.append((world.alice.pk, "persona.alpha"))
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert all(judge(questions, timezone.now()).values())
        return len(asked)

    assert queries(200) == queries(1)
