"""Consent on the desk: the switch for each persona, and the receipts (contract §7)."""

from __future__ import annotations

from datetime import datetime

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from leases.capabilities import PERSONA_MANAGE
from leases.errors import DomainError
from leases.models import User
from leases.page_errors import page_status, sentence
from leases.read_only_admin import ReadOnlyAdmin
from leases.roles import Right
from leases.standing import lease_standing
from personas.errors import PersonaManageForbidden, PersonaNotFound
from personas.selectors import persona_get
from telemetry.bulk_page import bulk_context, bulk_run, done_text, read_bulk
from telemetry.consent_page import SwitchForm, consent_context, grant_context, read_switch
from telemetry.errors import ConsentMoved
from telemetry.models import ConsentReceipt
from telemetry.receipts_page import receipts_context
from telemetry.sample_table import VibeSampleAdmin  # noqa: F401  registers itself
from telemetry.services.consent import consent_set
from telemetry.sharing_table import SharingReceiptAdmin  # noqa: F401  registers itself


@admin.register(ConsentReceipt)
class ConsentReceiptAdmin(ReadOnlyAdmin):
    """The table of receipts, and the page on which consent is given and withdrawn."""

    list_display = ("persona", "move", "scope", "method", "principal", "recorded_at")
    list_filter = ("move", "method")
    list_select_related = ("persona", "principal")
    search_fields = ("persona__name", "persona__id", "scope")
    date_hierarchy = "recorded_at"

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        return [
            path("consent/", guard(self.consent_view), name="telemetry_consent"),
            path("consent/bulk/", guard(self.bulk_view), name="telemetry_consent_bulk"),
            path("receipts/", guard(self.receipts_view), name="telemetry_receipts"),
            path(
                "consent/<str:persona_id>/grant/",
                guard(self.grant_view),
                name="telemetry_consent_grant",
            ),
            *super().get_urls(),
        ]

    def consent_view(self, request: HttpRequest) -> HttpResponse:
        """GET lists the switches; POST turns one off, which needs no second step."""
        actor, now = request.user, timezone.now()
        assert isinstance(actor, User)  # noqa: S101  the desk lets nobody else in
        if request.method == "POST":
            persona_id = request.POST.get("persona", "")
            try:
                persona = consent_set(actor=actor, persona_id=persona_id, enabled=False, now=now)
            except PersonaNotFound as error:
                raise Http404 from error
            except DomainError as error:
                messages.error(request, _refusal(error, persona_id, actor, now))
                return self._consent_page(request, actor, now, status=int(page_status(error)))
            messages.success(request, _("Telemetry of %(persona)s is off.") % {"persona": persona})
            return HttpResponseRedirect(reverse("admin:telemetry_consent"))
        return self._consent_page(request, actor, now)

    def _consent_page(
        self, request: HttpRequest, viewer: User, now: datetime, *, status: int = 200
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("Telemetry and consent"),
            **consent_context(request.GET, viewer=viewer, now=now),
        }
        return TemplateResponse(request, "desk/consent.html", context, status=status)

    def bulk_view(self, request: HttpRequest) -> HttpResponse:
        """GET counts and asks; POST does it, one persona after the other, and says what was not."""
        actor, now = request.user, timezone.now()
        assert isinstance(actor, User)  # noqa: S101  the desk lets nobody else in
        bulk = read_bulk(request.POST if request.method == "POST" else request.GET)
        if request.method == "POST":
            bulk_run(bulk, actor=actor, now=now)
            outcome = bulk.outcome
            if outcome is not None and not outcome.refused:
                messages.success(request, done_text(outcome, enabled=bulk.enabled))
                return HttpResponseRedirect(reverse("admin:telemetry_consent"))
        here = request.get_full_path()
        shown = bulk_context(bulk, viewer=actor, now=now, here=here)
        context = {
            **self.admin_site.each_context(request),
            "title": shown["heading"],
            **shown,
        }
        if bulk.outcome is not None:
            context["done"] = done_text(bulk.outcome, enabled=bulk.enabled)
        return TemplateResponse(request, "desk/consent_bulk.html", context, status=bulk.form.status)

    def receipts_view(self, request: HttpRequest) -> HttpResponse:
        """Every receipt, by persona, move, way and person."""
        context = {
            **self.admin_site.each_context(request),
            "title": _("Consent receipts"),
            **receipts_context(request.GET),
        }
        return TemplateResponse(request, "desk/receipts.html", context)

    def grant_view(self, request: HttpRequest, persona_id: str) -> HttpResponse:
        """The notice, and the deliberate yes to it."""
        actor, now = request.user, timezone.now()
        assert isinstance(actor, User)  # noqa: S101  the desk lets nobody else in
        try:
            persona = persona_get(persona_id)
        except PersonaNotFound as error:
            raise Http404 from error
        form = SwitchForm(scope=persona.consent.scope)
        if request.method == "POST":
            form = read_switch(request.POST)
            if form.complete():
                try:
                    consent_set(
                        actor=actor,
                        persona_id=persona.id,
                        enabled=True,
                        scope=form.scope or None,
                        accessibility_attested=form.attested,
                        shown=form.shown,
                        now=now,
                    )
                except DomainError as error:
                    form.refuse(error, status=int(page_status(error)))
                    if isinstance(error, ConsentMoved):
                        persona = persona_get(persona.id)
                        form.follow(persona.consent.scope)
                else:
                    text = _("Telemetry of %(persona)s is on.") % {"persona": persona}
                    messages.success(request, text)
                    return HttpResponseRedirect(reverse("admin:telemetry_consent"))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Turn telemetry on for %(persona)s") % {"persona": persona},
            **grant_context(persona, form, viewer=actor, now=now, here=request.path),
        }
        return TemplateResponse(request, "desk/consent_grant.html", context, status=form.status)


def _refusal(error: DomainError, persona_id: str, viewer: User, now: datetime) -> str:
    """The refusal; where a lease is missing, with the link to the form that grants or asks."""
    text = sentence(error)
    if not isinstance(error, PersonaManageForbidden) or not viewer.has_right(Right.MANAGE):
        return text
    lease = lease_standing(
        viewer=viewer,
        action=PERSONA_MANAGE,
        resource=persona_get(persona_id).resource,
        now=now,
        back=reverse("admin:telemetry_consent"),
    )
    named = {"capability": lease.capability}
    if lease.grant_url:
        label = _("Grant %(capability)s") % named
        return format_html('{} <a href="{}">{}</a>', text, lease.grant_url, label)
    if lease.ask_url:
        label = _("Ask for %(capability)s") % named
        return format_html('{} <a href="{}">{}</a>', text, lease.ask_url, label)
    return text
