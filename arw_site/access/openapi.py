"""The OpenAPI document says of each operation what it needs (contract §1)."""

from __future__ import annotations

from typing import Any

from arw_site.access.routes import ROUTES
from arw_site.access.words import needs_in_words
from leases.api.access import Access


def show_access(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Hook of drf-spectacular: ``x-arw-access`` and a sentence in each operation."""
    for path, item in result["paths"].items():
        for method, operation in item.items():
            access = ROUTES.get(f"{method.upper()} {path}")
            if access is not None:
                operation["x-arw-access"] = access_facts(access)
                said = operation.get("description", "")
                operation["description"] = f"{said}\n\n**Needs:** {needs_in_words(access)}"
    return result


def access_facts(access: Access) -> dict[str, Any]:
    """The entry for programs: ``{right, action, capability, author_right, note}``, null if none."""
    return {
        "right": str(access.needs.value),
        "action": access.action.name if access.action else None,
        "capability": access.action.capability if access.action else None,
        "author_right": access.owner.value if access.owner else None,
        "note": access.more or None,
    }
