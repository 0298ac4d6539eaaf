"""Liveness and readiness, open to everybody (contract §1)."""

from __future__ import annotations

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse

from telemetry.redis_link import LinkDown, link_to

_ANSWER = "return 1"


def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"ok": True})


def readyz(request: HttpRequest) -> JsonResponse:
    """Each part the server uses, ``ok`` or what is wrong; 503 unless it can serve.

    Without Redis it can: feedback is taken, and whatever is answered is right. Taking the node out
    would take all nodes out at once, for they share it. The part is named in ``degraded``.
    """
    needed = {"database": database_state(), "migrations": _migrations()}
    wanted = {"redis": redis_state()} if settings.ARW_REDIS_URL else {}
    ready = all(state == "ok" for state in needed.values())
    degraded = [name for name, state in wanted.items() if state != "ok"]
    body = {"ok": ready, "checks": {**needed, **wanted}, "degraded": degraded}
    return JsonResponse(body, status=200 if ready else 503)


def database_state() -> str:
    """``ok`` or ``unavailable``."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception:  # noqa: BLE001  whatever the driver raises, it is not ready
        return "unavailable"
    return "ok"


def _migrations() -> str:
    try:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Exception:  # noqa: BLE001  as above
        return "unknown"
    return "pending" if pending else "ok"


def redis_state() -> str:
    """``ok`` or ``unavailable``, as what takes feedback sees it; only where one is configured."""
    try:
        link_to(settings.ARW_REDIS_URL).call(_ANSWER, [], [])
    except LinkDown:
        return "unavailable"
    return "ok"
