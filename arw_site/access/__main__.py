"""``python -m arw_site.access`` prints the tables that docs/access.md holds."""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "arw_site.settings")
django.setup()

from arw_site.access.words import pages_table, routes_table  # noqa: E402  after Django is set up

sys.stdout.write(f"{routes_table()}\n{pages_table()}")
