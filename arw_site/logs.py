"""Structured logs: for people on a terminal, for machines elsewhere.

No user name and no address: requests carry the pseudonym of contract §1 and the request id.
"""

from __future__ import annotations

import logging
import logging.config
from typing import Any

import structlog
from django.dispatch import receiver
from django.http import HttpRequest
from django_structlog.signals import bind_extra_request_finished_metadata

from leases.pseudonyms import actor_ref


def configure(_: dict[str, Any]) -> None:
    """Django's ``LOGGING_CONFIG`` hook: everything goes to stderr through structlog."""
    from django.conf import settings

    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    last: list[Any] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if settings.ARW_LOG_JSON
        # Plain tracebacks: the pretty ones print local variables, and with them personal data.
        else [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "structured": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": shared,
                    "processors": [
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        *last,
                    ],
                }
            },
            "handlers": {
                "stderr": {"class": "logging.StreamHandler", "formatter": "structured"},
            },
            "root": {"handlers": ["stderr"], "level": settings.ARW_LOG_LEVEL},
            # What they would say is in the request log, or names addresses.
            "loggers": {
                "django.request": {"level": "ERROR"},
                "django.channels.server": {"level": "WARNING"},
                "daphne": {"level": "WARNING"},
                "axes": {"level": "ERROR"},
            },
        }
    )


@receiver(bind_extra_request_finished_metadata)
def bind_actor(request: HttpRequest, logger: Any, **_: Any) -> None:
    """Name who asked by pseudonym, once the request's authentication has run."""
    principal = getattr(getattr(request, "user", None), "pk", None)
    structlog.contextvars.bind_contextvars(
        actor=actor_ref(principal) if principal is not None else "actor:anonymous"
    )
