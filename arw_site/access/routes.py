"""Every route of the server, and what it needs; a route that is missing here lets nobody pass.

An entry is one line: ``"METHOD /path": Access(right or door, action, refusal)``. ``WS`` stands for
a WebSocket handshake. The pages of the desk are in ``arw_site.access.pages``.
"""

from __future__ import annotations

from typing import Final

from leases.api.access import Access, Door
from leases.capabilities import PERSONA_MANAGE, telemetry_action
from leases.errors import LeaseManageForbidden, LeaseReadForbidden, LeaseRequestForbidden
from leases.roles import Right
from personas.errors import PersonaManageForbidden, PersonaReadForbidden
from telemetry.errors import EventsReadForbidden, PersonaTelemetryForbidden

TELEMETRY: Final = telemetry_action("{scope}")
"""``scope`` is the one that the persona's consent names."""

PUBLIC: Final = Access(Door.PUBLIC)
SIGNED_IN: Final = Access(Door.SIGNED_IN)
OWN_TOKENS: Final = Access(Door.SIGNED_IN, more="One's own tokens only.")
READS: Final = Access(Right.READ, refusal=PersonaReadForbidden)
PROPOSES: Final = Access(Right.PROPOSE, PERSONA_MANAGE, PersonaManageForbidden)
DECIDES: Final = Access(Right.DECIDE, PERSONA_MANAGE, PersonaManageForbidden)
MANAGES: Final = Access(Right.MANAGE, PERSONA_MANAGE, PersonaManageForbidden)
READS_FEEDBACK: Final = Access(Right.READ, TELEMETRY, PersonaTelemetryForbidden)
READS_LEASES: Final = Access(Right.READ, refusal=LeaseReadForbidden)
MANAGES_LEASES: Final = Access(Right.MANAGE_LEASES, refusal=LeaseManageForbidden)

_STREAM: Final = Access(
    Right.READ,
    refusal=EventsReadForbidden,
    more="Feedback events reach those only who may read that persona's telemetry.",
)

ROUTES: Final[dict[str, Access]] = {
    # --- the server itself
    "GET /": PUBLIC,
    "GET /healthz": PUBLIC,
    "GET /readyz": PUBLIC,
    "GET /metrics": Access(Door.SIGNED_IN, more="Anybody where `ARW_METRICS_PUBLIC` is on."),
    "GET /api/schema": SIGNED_IN,
    "GET /api/docs": SIGNED_IN,
    # --- leases and tokens
    "GET /state/leases": READS_LEASES,
    "POST /leases": MANAGES_LEASES,
    "POST /leases/revoke": MANAGES_LEASES,
    "POST /leases/{lease_id}/renew": MANAGES_LEASES,
    "DELETE /leases/{lease_id}": MANAGES_LEASES,
    "GET /state/lease-requests": Access(
        Right.READ, refusal=LeaseReadForbidden, more="One's own; admins see all of them."
    ),
    "POST /leases/requests": Access(Right.READ, refusal=LeaseRequestForbidden),
    "POST /leases/requests/{request_id}/grant": MANAGES_LEASES,
    "POST /leases/requests/{request_id}/deny": MANAGES_LEASES,
    "POST /leases/requests/{request_id}/cancel": Access(
        Right.READ, refusal=LeaseRequestForbidden, more="One's own only."
    ),
    "GET /state/tokens": OWN_TOKENS,
    "POST /tokens": OWN_TOKENS,
    "DELETE /tokens/{token_id}": OWN_TOKENS,
    # --- policy and its decisions
    "GET /state/policy": Access(
        Right.READ, refusal=LeaseReadForbidden, more="Entities and schema are shown to admins."
    ),
    "POST /policy/simulate": Access(
        Right.READ, refusal=LeaseReadForbidden, more="For somebody else: admins."
    ),
    "POST /policy/reload": MANAGES_LEASES,
    "POST /policy/kill-switch": MANAGES_LEASES,
    "GET /state/decisions": MANAGES_LEASES,
    "GET /state/decisions/export": MANAGES_LEASES,
    # --- personas
    "GET /state/persona": READS,
    "GET /state/persona/{persona_id}": READS,
    "GET /state/persona/{persona_id}/history": READS,
    "GET /state/persona/{persona_id}/compare": READS,
    "GET /state/persona/{persona_id}/verify": READS,
    "GET /state/persona/{persona_id}/receipts": READS,
    "GET /state/persona/{persona_id}/beliefs": READS,
    "POST /admin/persona": MANAGES,
    "POST /admin/persona/{persona_id}/restore": PROPOSES,
    # --- proposals
    "GET /state/proposals": READS,
    "GET /state/proposals/{proposal_id}": READS,
    "POST /admin/persona/{persona_id}/proposals": PROPOSES,
    "POST /admin/persona/proposals/{proposal_id}/approve": Access(
        Right.DECIDE,
        PERSONA_MANAGE,
        PersonaManageForbidden,
        more="Not one's own, and the capabilities in `leases_required` must be held.",
    ),
    "POST /admin/persona/proposals/{proposal_id}/reject": DECIDES,
    "POST /admin/persona/proposals/{proposal_id}/request-changes": DECIDES,
    "POST /admin/persona/proposals/{proposal_id}/revise": Access(
        Right.DECIDE, PERSONA_MANAGE, PersonaManageForbidden, owner=Right.PROPOSE
    ),
    "POST /admin/persona/proposals/{proposal_id}/withdraw": Access(
        Right.DECIDE,
        PERSONA_MANAGE,
        PersonaManageForbidden,
        owner=Right.PROPOSE,
        owner_is_free=True,
    ),
    "POST /admin/persona/proposals/{proposal_id}/comments": Access(
        Right.PROPOSE, refusal=PersonaManageForbidden
    ),
    # --- consent and feedback
    "GET /state/consent-notice": SIGNED_IN,
    "GET /state/sharing-notice": SIGNED_IN,
    "POST /admin/persona/{persona_id}/telemetry": MANAGES,
    "POST /persona/{persona_id}/feedback": Access(
        Right.FEEDBACK, TELEMETRY, PersonaTelemetryForbidden
    ),
    "GET /state/persona/{persona_id}/vibe_history": READS_FEEDBACK,
    "GET /state/persona/{persona_id}/vibe_metrics": READS_FEEDBACK,
    "GET /state/persona/{persona_id}/vibe_aggregates": READS_FEEDBACK,
    "DELETE /admin/persona/{persona_id}/samples": Access(
        Right.MANAGE, refusal=PersonaManageForbidden
    ),
    # --- actions
    "POST /actions": Access(
        Right.READ,
        refusal=PersonaReadForbidden,
        more="And what the kind of action needs at its own route.",
    ),
    "GET /actions/{action_id}": Access(
        Right.READ, refusal=PersonaReadForbidden, more="One's own only."
    ),
    "GET /api/actions": READS,
    # --- streams
    "GET /events": _STREAM,
    "WS /ws/events": _STREAM,
}
