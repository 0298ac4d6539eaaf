"""A page speaks one language: none that only Django has a catalog for."""

import pytest
from django.test import Client

from tests.people import someone


@pytest.mark.parametrize("wanted", ["he", "de-DE,de;q=0.9", "en-GB", ""])
@pytest.mark.django_db
def test_it_is_in_english_whatever_the_browser_speaks(wanted: str) -> None:
    client = Client(headers={"Accept-Language": wanted})
    signing_in = client.get("/admin/login/")
    client.force_login(someone("bob"), backend="leases.authentication.PeopleBackend")
    for page in (signing_in, client.get("/admin/")):
        assert page.status_code == 200
        html = page.content.decode()
        assert '<html lang="en' in html
        assert 'dir="rtl"' not in html
        assert page["Content-Language"].startswith("en")
