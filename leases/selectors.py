"""Reading leases and principals where a QuerySet method cannot say it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from leases.decisions import LOCAL_SUBJECT
from leases.models import User


def principal_names(ids: Iterable[uuid.UUID | str | None]) -> dict[str, str]:
    """Display names by id, for pages that show who acted. Unknown ids are left out."""
    wanted = {str(one) for one in ids if one is not None and str(one) != LOCAL_SUBJECT}
    people = User.objects.filter(pk__in=wanted).only("id", "username", "first_name", "last_name")
    return {str(person.id): person.display_name for person in people}
