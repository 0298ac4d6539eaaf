"""`daphne tests.bench.plain.asgi:application`, on the SQLite file that PLAIN_DATABASE names."""

from __future__ import annotations

import os
from typing import Any

import django
from django.conf import settings

settings.configure(
    SECRET_KEY="-" * 50,
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF="tests.bench.plain.asgi",
    INSTALLED_APPS=[
        "django.contrib.contenttypes",
        "django.contrib.auth",
        "rest_framework",
        "tests.bench.plain",
    ],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": os.environ["PLAIN_DATABASE"],
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;",
            },
        }
    },
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    REST_FRAMEWORK={"DEFAULT_AUTHENTICATION_CLASSES": [], "UNAUTHENTICATED_USER": None},
    USE_TZ=True,
)
django.setup()

from django.core.asgi import get_asgi_application  # noqa: E402  after Django is set up
from django.db import connection, transaction  # noqa: E402  likewise
from django.urls import path  # noqa: E402  likewise
from rest_framework.request import Request  # noqa: E402  likewise
from rest_framework.response import Response  # noqa: E402  likewise
from rest_framework.serializers import ModelSerializer  # noqa: E402  likewise
from rest_framework.views import APIView  # noqa: E402  likewise

from tests.bench.plain.models import PlainSample  # noqa: E402  likewise


class PlainSerializer(ModelSerializer[PlainSample]):
    class Meta:
        model = PlainSample
        fields = ("kind", "signal", "strength", "note", "metadata")


class Feedback(APIView):
    def post(self, request: Request, persona_id: str) -> Response:
        serializer = PlainSerializer(data=request.data, many=isinstance(request.data, list))
        serializer.is_valid(raise_exception=True)
        rows: Any = serializer.validated_data
        for row in rows if isinstance(rows, list) else [rows]:
            with transaction.atomic():
                PlainSample.objects.create(persona_id=persona_id, **row)
        return Response({"status": "accepted"}, status=202)


urlpatterns = [path("persona/<str:persona_id>/feedback", Feedback.as_view())]

if PlainSample._meta.db_table not in connection.introspection.table_names():
    with connection.schema_editor() as editor:
        editor.create_model(PlainSample)
connection.close()
application = get_asgi_application()
