from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TelemetryConfig(AppConfig):
    """Consent, feedback, metrics and the live stream."""

    name = "telemetry"
    verbose_name = _("Telemetry")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.conf import settings

        from telemetry import receivers  # noqa: F401  connects itself on import
        from telemetry.events.relay import connect_nodes
        from telemetry.memory.review_parts import connect_review

        connect_review()
        if settings.ARW_REDIS_URL:
            connect_nodes(settings.ARW_REDIS_URL)
