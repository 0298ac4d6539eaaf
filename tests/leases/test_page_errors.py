"""A refusal as one sentence of a page."""

import pytest

from leases.errors import Forbidden
from leases.page_errors import sentence


@pytest.mark.parametrize(
    ("detail", "said"),
    [
        ("persona:manage lease required", "A lease for persona:manage is required."),
        (
            "telemetry:persona lease required for requested scope",
            "A lease for telemetry:persona is required for requested scope.",
        ),
        ("no lease required", "No lease required."),
        ("that is too long", "That is too long."),
        ("Sure?", "Sure?"),
        ("", "Forbidden."),
    ],
)
def test_it_is_a_sentence_that_keeps_the_name_of_a_capability(detail: str, said: str) -> None:
    error = Forbidden(detail)
    assert sentence(error) == said
    assert error.detail == detail
