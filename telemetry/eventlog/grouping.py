"""Group commit: what several threads hand in together is written and synced once.

The first to come commits for all who came meanwhile, then hands the office on; nobody waits for a
timer.
"""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Work = TypeVar("Work")
Result = TypeVar("Result")


class _Request(Generic[Work, Result]):
    __slots__ = ("error", "is_leader", "result", "wake", "work")

    def __init__(self, work: Work) -> None:
        self.work = work
        self.result: Result | None = None
        self.error: BaseException | None = None
        self.is_leader = False
        self.wake = threading.Event()


class GroupCommit(Generic[Work, Result]):
    """`commit` takes the work of every waiting thread and returns one result for each, in order."""

    def __init__(self, commit: Callable[[list[Work]], list[Result]]) -> None:
        self._commit = commit
        self._mutex = threading.Lock()
        self._waiting: list[_Request[Work, Result]] = []
        self._busy = False

    def submit(self, work: Work) -> Result:
        """Returns when this work is committed. Raises what the commit raised."""
        request: _Request[Work, Result] = _Request(work)
        with self._mutex:
            self._waiting.append(request)
            leads = not self._busy
            self._busy = True
        if not leads:
            request.wake.wait()
            leads = request.is_leader
        if leads:
            self._lead()
        if request.error is not None:
            raise request.error
        return request.result  # type: ignore[return-value]  # set by whoever committed it

    def _lead(self) -> None:
        with self._mutex:
            group, self._waiting = self._waiting, []
        try:
            results = self._commit([request.work for request in group])
            for request, result in zip(group, results, strict=True):
                request.result = result
        except BaseException as error:  # noqa: BLE001  each waiting thread raises it
            for request in group:
                request.error = error
        with self._mutex:
            following = self._waiting[0] if self._waiting else None
            self._busy = following is not None
        for request in group:
            request.wake.set()
        if following is not None:
            following.is_leader = True
            following.wake.set()
