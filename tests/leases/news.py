"""What the signals of the bottom floor told while a block ran."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.dispatch import Signal
from django.test import TestCase

from leases import signals

# What is sent before the commit is a question or a chance to refuse, and no news.
BEFORE = {"leases_moving", "lease_notice_asked"}
NEWS = {
    name: value
    for name, value in vars(signals).items()
    if isinstance(value, Signal) and name not in BEFORE
}


@contextmanager
def heard() -> Iterator[list[tuple[str, Any, Any]]]:
    """(signal's name, id of what it is about, actor) of each, in order, once committed."""
    news: list[tuple[str, Any, Any]] = []
    receivers = {name: _receiver(name, news) for name in NEWS}
    for name, receive in receivers.items():
        NEWS[name].connect(receive)
    try:
        with TestCase.captureOnCommitCallbacks(execute=True):
            yield news
    finally:
        for name, receive in receivers.items():
            NEWS[name].disconnect(receive)


def _receiver(name: str, news: list[tuple[str, Any, Any]]) -> Any:
    def receive(**told: Any) -> None:
        about = told.get("lease") or told.get("request")
        subject = about.id if about is not None else told.get("engaged")
        news.append((name, subject, told.get("actor")))

    return receive
