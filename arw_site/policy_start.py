"""The policy file of this server: put in force at the start, and read again on SIGHUP."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from queue import SimpleQueue
from types import FrameType

from django.conf import settings
from django.db import DatabaseError, connections
from django.utils import timezone

from leases.errors import DomainError
from leases.services.policy_loading import policy_load_own

logger = logging.getLogger(__name__)


def put_policy_in_force() -> None:
    """Load the policy file before anything is served; leave with exit code 1 if that fails.

    Without a policy file a database that cannot be reached is no reason to stay down: nothing
    can be decided without it, and readiness says so.
    """
    failures: list[str] = []
    # Servers import the application inside their event loop, where Django refuses its database.
    thread = threading.Thread(target=_load_at_start, args=(failures,), name="arw-policy-start")
    thread.start()
    thread.join()
    if failures:
        sys.stderr.write(f"{failures[0]}\n")
        raise SystemExit(1)


def _load_at_start(failures: list[str]) -> None:
    try:
        policy_load_own(now=timezone.now())
    except DomainError as error:
        failures.append(f"arw.E013: {error.detail}")
    except DatabaseError as error:
        if settings.ARW_POLICY_FILE:
            reason = " ".join(str(error).split())
            failures.append(f"arw.E013: the policy could not be stored: {reason}")
    finally:
        connections.close_all()
        _close_pools()


def _close_pools() -> None:
    """Hold nothing open: a server may load the application and fork its workers afterwards.

    They would have the pool without its threads, and share its connections with one another.
    """
    for one in connections.all(initialized_only=True):
        if one.vendor == "postgresql":
            one.close_pool()  # type: ignore[attr-defined]  # only this kind has one


class PolicyReloader(threading.Thread):
    """Reloads the policy file each time it is asked to; asking is safe in a signal handler."""

    def __init__(self) -> None:
        super().__init__(name="arw-policy", daemon=True)
        self._asked: SimpleQueue[None] = SimpleQueue()

    def ask(self) -> None:
        self._asked.put(None)

    def run(self) -> None:
        while True:
            self._asked.get()
            self.reload()

    def reload(self) -> None:
        """Reload once. What is invalid is logged and not taken."""
        try:
            policy = policy_load_own(now=timezone.now())
        except DomainError as error:
            logger.error("policy_reload_refused", extra={"error": error.detail})
        except Exception:
            logger.exception("policy_reload_failed")
        else:
            logger.info("policy_reloaded", extra={"revision": policy.revision})
        finally:
            connections.close_all()


def listen_for_hangup() -> PolicyReloader | None:
    """Reload on SIGHUP from now on; None where signals cannot be had.

    A server that was started in a terminal still ends with it: the same signal then says that
    the terminal is gone.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "SIGHUP"):
        return None
    reloader = PolicyReloader()
    reloader.start()
    in_terminal = _has_terminal()

    def hang_up(number: int, frame: FrameType | None) -> None:
        if in_terminal and not _has_terminal():
            os.kill(os.getpid(), signal.SIGTERM)
        else:
            reloader.ask()

    signal.signal(signal.SIGHUP, hang_up)
    return reloader


def _has_terminal() -> bool:
    try:
        return os.isatty(sys.__stdin__.fileno()) if sys.__stdin__ else False
    except (OSError, ValueError):
        return False
