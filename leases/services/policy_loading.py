"""Which policy is in force: loaded here, and read with every decision (contract §6).

The database holds it, for every process of the deployment: the one row of ``Control`` points at
a stored revision. What a process keeps is only the compiled form of a revision, whose name is
the hash of its content, so nothing kept can go stale.
"""

from __future__ import annotations

import logging
import threading
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from leases.models import Control, PolicyRevision, User
from leases.models.control import THE_ROW
from leases.policy.compiled import EMPTY_POLICY, Policy, policy_compile
from leases.policy.files import policy_file_parse
from leases.policy.rules import PolicyDocument, document_of
from leases.services.decision_log import refusals_kept
from leases.services.granting import managed, require_lease_manager
from leases.signals import policy_loaded, send_after_commit

logger = logging.getLogger(__name__)

_KEPT = 8

_compiled: dict[str, Policy] = {}
_compiling = threading.Lock()


def control_now() -> tuple[Policy, bool]:
    """The policy in force and whether telemetry is stopped, as they are at this moment."""
    row = Control.objects.filter(pk=THE_ROW).values_list("policy_id", "halted_at").first()
    if row is None:
        return EMPTY_POLICY, False
    revision, halted_at = row
    return (EMPTY_POLICY if revision is None else policy_of(revision)), halted_at is not None


def policy_in_force() -> Policy:
    """The policy that decides at this moment."""
    return control_now()[0]


def policy_of(revision: str) -> Policy:
    """The stored policy ``revision``, compiled once per process."""
    known = _compiled.get(revision)
    if known is not None:
        return known
    stored = PolicyRevision.objects.values_list("document", flat=True).get(pk=revision)
    with _compiling:
        if revision not in _compiled:
            if len(_compiled) >= _KEPT:
                _compiled.clear()
            _compiled[revision] = _compile(revision, document_of(stored))
        return _compiled[revision]


def _compile(revision: str, document: PolicyDocument) -> Policy:
    try:
        return policy_compile(document)
    except (ValueError, RecursionError) as error:
        # It was checked when it was stored; another version of Cedar may see it otherwise.
        logger.exception("policy_unusable", extra={"revision": revision, "error": str(error)})
        return Policy(revision, document, broken=True)


def policy_file_read() -> PolicyDocument | None:
    """What ``ARW_POLICY_FILE`` says now, checked; None where no file is configured.

    Raises ``InvalidPolicy``, whose errors name file, line and column.
    """
    name = settings.ARW_POLICY_FILE
    return policy_file_parse(Path(name)) if name else None


def policy_activate(
    *, document: PolicyDocument | None, actor: User | None, now: datetime
) -> PolicyRevision | None:
    """Put ``document`` in force on every node; None is the empty policy.

    Returns the revision in force. ``actor`` is None for the server itself. A document that is in
    force already changes nothing, and nothing is told.
    """
    with transaction.atomic():
        Control.objects.get_or_create(pk=THE_ROW)
        control = Control.objects.select_for_update().get(pk=THE_ROW)
        previous = control.policy
        if document is None:
            wanted = None
        else:
            wanted, _ = PolicyRevision.objects.get_or_create(
                revision=document.revision,
                defaults={"document": document.as_json(), "loaded_at": now, "loaded_by": actor},
            )
        if wanted == previous:
            return wanted
        if wanted is not None:
            wanted.loaded_at, wanted.loaded_by = now, actor
            wanted.save(update_fields=["loaded_at", "loaded_by"])
        Control.objects.filter(pk=THE_ROW).update(policy=wanted)
        if actor is not None:
            managed(actor, now)
        send_after_commit(
            policy_loaded,
            PolicyRevision,
            policy_revision=wanted,
            previous=previous,
            actor=actor,
            now=now,
        )
    return wanted


@refusals_kept
def policy_reload(*, actor: User, now: datetime) -> Policy:
    """Read the policy file again and put it in force; a right of ``admins``.

    Raises ``LeaseManageForbidden``, and ``InvalidPolicy``: then the old policy stays in force.
    """
    require_lease_manager(actor)
    policy_activate(document=policy_file_read(), actor=actor, now=now)
    return policy_in_force()


def policy_load_own(*, now: datetime) -> Policy:
    """The same by the server itself: at its start, and on SIGHUP."""
    policy_activate(document=policy_file_read(), actor=None, now=now)
    return policy_in_force()
