"""Refusals that belong to the doors themselves, not to any record (contract §2)."""

from __future__ import annotations

from leases.errors import DomainError, InvalidInput


class FeatureDisabled(DomainError):
    """``ARW_PERSONA_ENABLE`` is off."""

    title = "Persona Disabled"
    code = "persona_disabled"
    default_detail = "Operation requires ARW_PERSONA_ENABLE=1"


class BodyTooLarge(DomainError):
    """The request's body is larger than the route takes."""

    title = "Too Large"
    code = "too_large"


class MediaTypeNotSupported(DomainError):
    """Bodies are JSON."""

    title = "Unsupported Media Type"
    code = "unsupported_media_type"
    default_detail = "send the body as application/json"


class MalformedJSON(InvalidInput):
    """The body is no JSON that RFC 8785 and PostgreSQL could hold."""

    title = "Malformed JSON"
    code = "malformed_json"
