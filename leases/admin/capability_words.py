"""What a capability is for, in words: what may be done with it, and stops without it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _

from leases.capabilities import PERSONA_MANAGE

TELEMETRY_PREFIX = "telemetry:persona:"
SHARE = "share:persona"


def what_it_allows(capability: str, lease_rules: Iterable[Mapping[str, str]] = ()) -> list[str]:
    """One sentence for each thing that ``capability`` lets people do.

    ``lease_rules`` are those of the policy in force: a rule can make an action need another
    capability than its own.
    """
    sentences = []
    if capability == PERSONA_MANAGE.capability:
        sentences.append(
            _("Create personas, propose changes, decide on them and restore versions.")
        )
        sentences.append(_("Switch the consent of a persona on and off."))
    elif capability.startswith(TELEMETRY_PREFIX):
        scope = capability.removeprefix(TELEMETRY_PREFIX)
        words = _("Give and read feedback on personas whose consent has the scope “%(scope)s”.")
        sentences.append(words % {"scope": scope})
    elif capability == SHARE:
        sentences.append(_("Let memory items influence a persona."))
    for rule in lease_rules:
        if rule.get("capability") == capability:
            words = _("By a rule of the policy: every action whose name begins with “%(prefix)s”.")
            sentences.append(words % {"prefix": rule.get("kind_prefix", "")})
    if not sentences:
        words = _("Whatever asks for a lease named %(capability)s, such as a proposal.")
        sentences.append(words % {"capability": capability})
    return sentences
