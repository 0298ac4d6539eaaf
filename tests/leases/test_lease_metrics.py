"""`arw_leases_live` in /metrics (contract §12)."""

import pytest
from django.utils import timezone

from leases.models import Lease, User
from leases.services.revoking import lease_revoke
from tests.fixtures import ApiFor
from tests.people import NOW, grant

pytestmark = pytest.mark.django_db


def test_it_counts_the_leases_in_force(api: ApiFor, dana: User) -> None:
    def live() -> str:
        text = api(dana).get("/metrics").content.decode()
        (line,) = [line for line in text.splitlines() if line.startswith("arw_leases_live ")]
        return line

    assert live() == "arw_leases_live 0.0"
    lease, used_up = grant(), grant(budget=1)
    grant(now=NOW, ttl_secs=1)
    grant()
    Lease.objects.filter(pk=used_up.pk).update(used=1)
    assert live() == "arw_leases_live 2.0"
    lease_revoke(actor=dana, lease_id=lease.id, now=timezone.now())
    assert live() == "arw_leases_live 1.0"
