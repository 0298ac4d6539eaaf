"""The settings of a desk that also speaks a language from the right: no catalog of ours is one yet."""

from arw_site.settings import *  # noqa: F403

LANGUAGES = [("en", "English"), ("he", "Hebrew")]
