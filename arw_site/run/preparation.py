"""What has to be true before the server can answer: settings sound, tables and static files there.

Each step looks first and works only when something changed, so that a second start is quick.
"""

import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import DatabaseError, OperationalError

from arw_site.run.failures import CannotStart

MANIFEST_STORAGE = "whitenoise.storage.CompressedManifestStaticFilesStorage"


def check_settings() -> None:
    """Raises CannotStart with every system check that is an error, one a line."""
    errors = [problem for problem in run_checks() if problem.is_serious()]
    if errors:
        raise CannotStart("\n".join(f"{problem.id}: {problem.msg}" for problem in errors))


def migrate() -> None:
    """Brings the tables up to date; raises CannotStart when the database is out of reach."""
    try:
        knock()
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", interactive=False, verbosity=0)
    except DatabaseError as failure:
        raise CannotStart(f"database: {str(failure).strip().splitlines()[0]}") from failure


def knock() -> None:
    """Connects once outside the pool, which would try for long and log each try."""
    if connection.vendor == "postgresql":
        import psycopg

        try:
            psycopg.connect(**connection.get_connection_params()).close()
        except psycopg.Error as failure:
            raise OperationalError(str(failure)) from failure


def collect_static() -> None:
    """Collects static files into the state folder when any of them changed since the last time."""
    root = Path(settings.STATIC_ROOT)
    stamp = root.with_name("static.stamp")
    current = static_fingerprint()
    use_collected_files()
    if (root / "staticfiles.json").exists() and stamp.exists() and stamp.read_text() == current:
        return
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(current)


def use_collected_files() -> None:
    """The settings chose their storage before the first collection; this process uses its result."""
    settings.STORAGES["staticfiles"]["BACKEND"] = MANIFEST_STORAGE
    settings.WHITENOISE_USE_FINDERS = False


def static_fingerprint() -> str:
    """Changes when a static file of any app comes, goes or is written."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            facts = Path(storage.path(name)).stat()
            digest.update(f"{name}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()
