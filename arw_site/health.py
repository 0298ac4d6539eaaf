"""Liveness and readiness, open to everybody (contract §1)."""

from __future__ import annotations

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse


def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"ok": True})


def readyz(request: HttpRequest) -> JsonResponse:
    """Each part the server depends on, ``ok`` or what is wrong; 503 unless all are ``ok``."""
    parts = {"database": database_state(), "migrations": _migrations()}
    if settings.ARW_REDIS_URL:
        parts["redis"] = redis_state()
    ready = all(state == "ok" for state in parts.values())
    return JsonResponse({"ok": ready, "checks": parts}, status=200 if ready else 503)


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
    """``ok`` or ``unavailable``; only where one is configured."""
    try:
        cache.set("arw:readyz", "1", timeout=5)
        return "ok" if cache.get("arw:readyz") == "1" else "unavailable"
    except Exception:  # noqa: BLE001  as above
        return "unavailable"
