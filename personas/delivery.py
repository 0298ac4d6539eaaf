"""One message to one service, through Apprise."""

from __future__ import annotations

import logging
import threading
import warnings
from functools import cache
from typing import Any

SEND_SECONDS = 30
# They quote addresses, and with them tokens, from the level "debug" upwards.
TALKATIVE = ("apprise", "urllib3")


class DeliveryError(Exception):
    """The message was not delivered. The class says why; there is no text that could tell more."""


class ServiceUnknown(DeliveryError):
    """Apprise does not understand the address."""


class ServiceRefused(DeliveryError):
    """The service could not be reached, or did not accept the message."""


class ServiceTimedOut(DeliveryError):
    """No answer in time; the message may or may not have arrived."""


class ServiceBroke(DeliveryError):
    """Apprise itself failed on the address or the message."""


def deliver(url: str, *, title: str, body: str) -> None:
    """Send the message; raises a ``DeliveryError``. Blocks for 30 seconds at the most."""
    outcome: list[type[DeliveryError] | None] = []
    # A daemon of our own and not a pool's thread: a pool would hold up the end of the process.
    sender = threading.Thread(
        target=lambda: outcome.append(_attempt(url, title, body)), name="arw-delivery", daemon=True
    )
    sender.start()
    sender.join(SEND_SECONDS)
    fault = outcome[0] if outcome else ServiceTimedOut
    if fault is not None:
        raise fault


def _attempt(url: str, title: str, body: str) -> type[DeliveryError] | None:
    apprise, asset = _apprise()
    try:
        channel = apprise.Apprise(asset=asset)
        if not channel.add(url):
            return ServiceUnknown
        taken = channel.notify(title=title, body=body, body_format=apprise.NotifyFormat.TEXT)
    except Exception:  # noqa: BLE001  plugins for some 130 services, and no word of where it went
        return ServiceBroke
    return None if taken else ServiceRefused


@cache
def _apprise() -> tuple[Any, Any]:
    # It takes a third of a second to import, and most servers never send anything.
    with warnings.catch_warnings():
        # Its plugins try modules that Python is about to drop; they do without them.
        warnings.simplefilter("ignore", DeprecationWarning)
        import apprise

        apprise.Apprise.instantiate("json://localhost")
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    asset = apprise.AppriseAsset(
        app_id="ARW Personas",
        app_desc="ARW Personas",
        app_url="",
        async_mode=False,
        storage_mode="memory",
        service_timeout=0,  # ours is the one above
        pem_autogen=False,
        pgp_autogen=False,
        secure_logging=True,
    )
    return apprise, asset
