"""`manage.py token NAME`: an API token for somebody, made by whoever owns the state folder."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from leases.errors import InvalidInput, TokenForbidden
from leases.models import User
from leases.tokens import token_create


class Command(BaseCommand):
    help = "Prints a new API token of a principal, once; the server keeps only its hash."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="user name or id")
        parser.add_argument("--label", default="command line", help="what the token is for")
        parser.add_argument("--days", type=int, default=30, help="how long it lives (default 30)")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.named(options["name"])
        if user is None:
            raise CommandError(f"nobody is named {options['name']}")
        now = timezone.now()
        try:
            expires = now + timedelta(days=options["days"])
            _, secret = token_create(user=user, name=options["label"], now=now, expires=expires)
        except TokenForbidden as fault:
            raise CommandError(str(fault), returncode=2) from None
        except (InvalidInput, OverflowError) as fault:
            raise CommandError(str(fault)) from None
        self.stdout.write(secret)
