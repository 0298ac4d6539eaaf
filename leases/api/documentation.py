"""What the OpenAPI document says of refusals (contract §2)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiExample, OpenApiResponse

from leases.api.serializers import ProblemOut

_TITLES = {
    400: "Invalid Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    412: "Telemetry Disabled",
    413: "Too Large",
    415: "Unsupported Media Type",
    429: "Rate Limited",
    501: "Persona Disabled",
}


def problems(**by_status: str) -> dict[tuple[int, str], Any]:
    """Responses for ``extend_schema``: ``problems(s404="Persona Not Found", …)``.

    401 is always among them. The value is the title that the problem document carries.
    """
    wanted = {401: "Unauthorized"} | {int(key[1:]): title for key, title in by_status.items()}
    return {
        (status, "application/problem+json"): OpenApiResponse(
            ProblemOut,
            description=title or _TITLES[status],
            examples=[_example(status, title or _TITLES[status])],
        )
        for status, title in sorted(wanted.items())
    }


def _example(status: int, title: str) -> OpenApiExample:
    return OpenApiExample(
        title,
        value={
            "type": "about:blank",
            "title": title,
            "status": status,
            "detail": None,
            "instance": "/the/path",
            "trace_id": "0c5f1f0e-6f0f-4a53-9a39-4f6c1a3a5d10",
            "code": title.lower().replace(" ", "_"),
        },
    )


class BearerScheme(OpenApiAuthenticationExtension):
    """Tokens in the OpenAPI document; registers itself on import."""

    target_class = "leases.authentication.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "description": "An API token."}
