"""Every address of the server."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from arw_site import health, metrics
from arw_site.api_docs import ApiDocsView, ApiSchemaView

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("api/schema", ApiSchemaView.as_view(), name="api_schema"),
    path("api/docs", ApiDocsView.as_view(), name="api_docs"),
    path("", include("leases.api.urls")),
    path("", include("personas.api.urls")),
    path("", include("telemetry.api.urls")),
    path("admin/", admin.site.urls),
    path("", RedirectView.as_view(pattern_name="admin:index"), name="root"),
]

handler400 = "arw_site.error_pages.bad_request"
handler403 = "arw_site.error_pages.forbidden"
handler404 = "arw_site.error_pages.not_found"
handler500 = "arw_site.error_pages.server_error"
