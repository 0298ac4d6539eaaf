"""Serializer fields that take JSON at its word: no "yes" for true, no 1 for "1" (contract §2)."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class StrictBoolean(serializers.BooleanField):
    """true or false, nothing that looks like it."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            raise serializers.ValidationError("must be true or false", code="type")
        return data


class StrictString(serializers.CharField):
    """A string, with its spaces kept."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("trim_whitespace", False)
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            raise serializers.ValidationError("must be a string", code="type")
        return str(super().to_internal_value(data))


class StrictInteger(serializers.IntegerField):
    """A whole number; 2.0 is one, "2" and true are not."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, float) and data.is_integer():
            data = int(data)
        if isinstance(data, bool) or not isinstance(data, int):
            raise serializers.ValidationError("must be a whole number", code="type")
        return int(super().to_internal_value(data))


class JSONValue(serializers.JSONField):
    """Any JSON value; what it means is judged by the service."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
