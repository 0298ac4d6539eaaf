from django.apps import AppConfig


class ArwSiteConfig(AppConfig):
    """The composition root: it registers the system checks of the whole product."""

    name = "arw_site"

    def ready(self) -> None:
        from arw_site import checks  # noqa: F401  registers itself on import
