"""`python -m tests.services.people`: gives a server's database the people that all tests know.

alice proposes (member), bob approves (approver), dana administers (admin), charlie has no role.
Prints `{username: {"password": ..., "token": ...}}`, all made at random.
"""

import json
import os
import secrets

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "arw_site.settings")
    django.setup()
    from django.utils import timezone

    from arw_site.demo.people import PEOPLE, ensure_people
    from leases.models import User
    from leases.tokens import token_create

    ensure_people(reset=False)
    known = {}
    for person in PEOPLE:
        user = User.objects.get(username=person.username)
        password = secrets.token_urlsafe(12)
        user.set_password(password)
        user.save()
        _, token = token_create(user=user, name="tests", now=timezone.now())
        known[person.username] = {"password": password, "token": token}
    print(json.dumps(known))


if __name__ == "__main__":
    main()
