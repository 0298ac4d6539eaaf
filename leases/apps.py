from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LeasesConfig(AppConfig):
    """Who acts, with which right, under which lease: the bottom floor."""

    name = "leases"
    verbose_name = _("Access and leases")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from leases.metrics import register

        register()
