"""News from the bottom floor. What is sent after commit has a name in the past tense."""

from __future__ import annotations

import logging
from typing import Any

from django.db import transaction
from django.dispatch import Signal

logger = logging.getLogger(__name__)

# Sent inside the transaction with send(), so that a receiver that fails rolls the change back.
# Arguments: leases (list), move ("grant" or "withdrawal"), actor, now, again. What lifting the kill
# switch gives back is granted, `again`; a lease that runs out of time is not moved by anybody
leases_moving = Signal()
# Asked before a lease is granted or asked for. Receivers answer with the `leases.notices.Notice`
# that is to be read first, or None. Arguments: capability
lease_notice_asked = Signal()

# Arguments: lease, actor, now
lease_created = Signal()
# Arguments: lease, actor, now. Also for each lease that lifting the kill switch gives back
lease_renewed = Signal()
# Arguments: lease, actor, now
lease_revoked = Signal()
# Arguments: lease, now. Once, when the expiry is written down
lease_expired = Signal()
# Arguments: request, actor, now
lease_requested = Signal()
# Arguments: request, actor, now. Granted, denied or cancelled
lease_request_decided = Signal()
# Arguments: engaged, reason, actor, now
kill_switch_moved = Signal()
# Arguments: policy_revision (None is the empty policy), previous, actor (or None), now
policy_loaded = Signal()


def send_after_commit(signal: Signal, sender: type, **arguments: Any) -> None:
    """Send ``signal`` once the surrounding transaction has committed, to every receiver.

    A receiver that fails is logged and hinders neither the others nor the request, which has
    already happened.
    """

    def send() -> None:
        for receiver, response in signal.send_robust(sender, **arguments):
            if isinstance(response, Exception):
                name = getattr(receiver, "__qualname__", repr(receiver))
                logger.error("receiver_failed", exc_info=response, extra={"receiver": name})

    transaction.on_commit(send)
