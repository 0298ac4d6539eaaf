"""Receipts are written once, and neither changed nor deleted (contract §7, §10)."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models

from telemetry.errors import ReceiptIsAppendOnly


class ReceiptQuerySet(models.QuerySet[Any]):
    def update(self, **kwargs: Any) -> NoReturn:
        raise ReceiptIsAppendOnly

    def delete(self) -> NoReturn:
        raise ReceiptIsAppendOnly

    def bulk_create(self, *args: Any, **kwargs: Any) -> NoReturn:
        # It can replace rows; a receipt is written by itself.
        raise ReceiptIsAppendOnly

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise ReceiptIsAppendOnly


class AppendOnly(models.Model):
    """What a table of receipts has in common."""

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise ReceiptIsAppendOnly
        # Without this, a new object with the id of an old row would replace the row.
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise ReceiptIsAppendOnly
