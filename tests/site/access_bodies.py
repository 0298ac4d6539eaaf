"""A body that each writing route takes, so that whoever passes gets all the way through."""

from __future__ import annotations

from typing import Any

from tests.people import WARMER

BODIES: dict[str, Any] = {
    "POST /leases": {"capability": "persona:manage"},
    "POST /leases/revoke": {"prefix": "elsewhere"},
    "POST /leases/{lease_id}/renew": {"ttl_secs": 7200},
    "POST /leases/requests": {"capability": "elsewhere", "ttl_secs": 600, "reason": "A try."},
    "POST /leases/requests/{request_id}/grant": {},
    "POST /leases/requests/{request_id}/deny": {"reason": "No."},
    "POST /leases/requests/{request_id}/cancel": {},
    "POST /policy/simulate": {"action": "persona.manage"},
    "POST /policy/reload": {},
    "POST /policy/kill-switch": {"engaged": True, "reason": "A drill."},
    "POST /tokens": {"name": "nightly"},
    "POST /admin/persona": {"id": "persona.beta", "owner_kind": "agent", "owner_ref": "a"},
    "POST /admin/persona/{persona_id}/restore": {"version": 1},
    "POST /admin/persona/{persona_id}/proposals": {"diff": WARMER},
    "POST /admin/persona/proposals/{proposal_id}/approve": {},
    "POST /admin/persona/proposals/{proposal_id}/reject": {"rationale": "Too warm."},
    "POST /admin/persona/proposals/{proposal_id}/request-changes": {"comment": "Less."},
    "POST /admin/persona/proposals/{proposal_id}/revise": {"diff": {"traits": {"tone": "mild"}}},
    "POST /admin/persona/proposals/{proposal_id}/withdraw": {},
    "POST /admin/persona/proposals/{proposal_id}/comments": {"text": "Why?"},
    "POST /admin/persona/{persona_id}/telemetry": {"enabled": False},
    "POST /persona/{persona_id}/feedback": {"signal": "warmer"},
    "POST /actions": {"kind": "memory.search", "input": {"text": "x"}},
}

QUERIES = {"GET /state/persona/{persona_id}/compare": "?from=1"}
