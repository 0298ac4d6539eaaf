"""What Prometheus is told of refusals (contract §12): every problem document, by its code."""

from __future__ import annotations

from prometheus_client import Counter

CODES_MAX = 200
OTHER = "other"

REFUSALS = Counter(
    "arw_refusals_total",
    "Problem documents that were sent, by status and code.",
    ["status", "code"],
)

# So that zero is shown, and not nothing: what alerts look for.
for _status, _code in (
    (429, "rate_limited"),
    (503, "overloaded"),
    (503, "database_unavailable"),
):
    REFUSALS.labels(status=str(_status), code=_code)

_codes: set[str] = set()


def count_refusal(status: int, code: str | None) -> None:
    """Count one; past ``CODES_MAX`` codes it is ``other``."""
    code = code or OTHER
    if code not in _codes:
        if len(_codes) >= CODES_MAX:
            code = OTHER
        _codes.add(code)
    REFUSALS.labels(status=str(status), code=code).inc()
