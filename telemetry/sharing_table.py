"""The table of receipts of sharing. Memory items themselves are private: there is no table of them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leases.decisions import LOCAL_SUBJECT
from leases.read_only_admin import ReadOnlyAdmin
from leases.selectors import principal_names
from telemetry.models import SharingReceipt


class SharingReceiptList(ChangeList):
    """Reads the names of all subjects at once."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = list(self.result_list)
        names = principal_names(receipt.subject for receipt in self.result_list)
        for receipt in self.result_list:
            receipt.subject_name = names.get(receipt.subject, receipt.subject)


@admin.register(SharingReceipt)
class SharingReceiptAdmin(ReadOnlyAdmin):
    """Who shared memory with personas, who took it back, and after which notice."""

    list_display = ("move", "whose", "scope", "principal", "notice_version", "recorded_at")
    list_filter = ("move",)
    list_select_related = ("principal",)
    search_fields = ("scope", "principal__username")
    date_hierarchy = "recorded_at"

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return SharingReceiptList

    @admin.display(description=gettext_lazy("memory of"), ordering="subject")
    def whose(self, receipt: Any) -> str:
        if receipt.subject == LOCAL_SUBJECT:
            return _("anyone signed in")
        known = getattr(receipt, "subject_name", None)
        if known is None:  # one receipt by itself: no list has read the names
            known = principal_names([receipt.subject]).get(receipt.subject, receipt.subject)
        return str(known)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """As it is stored, and first of all whose memory it is: the subject alone is an id."""
        return ["whose", *super().get_fields(request, obj)]
