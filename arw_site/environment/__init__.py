"""What the server reads from its environment.

``arw_site.settings`` reads through it. Values are read leniently: what cannot be parsed is kept as
a problem that the system check ``arw.E001`` reports, so that an operator sees all of them at once.
"""

from arw_site.environment.database import database_config
from arw_site.environment.reading import Environment, key_from, unknown_names
from arw_site.environment.table import VARIABLES

__all__ = ["VARIABLES", "Environment", "database_config", "key_from", "unknown_names"]
