"""The OpenAPI document, and a page that shows it from our own static files (contract §1, §2)."""

from __future__ import annotations

from django.contrib.auth.mixins import LoginRequiredMixin
from django.views.generic import TemplateView
from drf_spectacular.views import SpectacularJSONAPIView
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import IsAuthenticated

from leases.authentication import BearerAuthentication


class ApiSchemaView(SpectacularJSONAPIView):
    """OpenAPI 3 as JSON, for anyone signed in."""

    authentication_classes = [BearerAuthentication, SessionAuthentication]
    permission_classes = [IsAuthenticated]


class ApiDocsView(LoginRequiredMixin, TemplateView):
    """Swagger UI under the same content security policy as every other page."""

    template_name = "api_docs.html"
