from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PersonasConfig(AppConfig):
    """Records, diffs, proposals, history and their review."""

    name = "personas"
    verbose_name = _("Personas")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from personas import receivers  # noqa: F401  connects itself on import
