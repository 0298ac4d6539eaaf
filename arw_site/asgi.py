"""The ASGI application: HTTP to Django, WebSockets to Channels."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "arw_site.settings")
# Django first: the consumers below import models.
django_application = get_asgi_application()

from channels.routing import ProtocolTypeRouter  # noqa: E402  after Django is set up
from django.conf import settings  # noqa: E402  likewise

from arw_site.api_errors import door_refusal  # noqa: E402  likewise
from arw_site.body_bound import BodyBound  # noqa: E402  likewise
from arw_site.checks import refuse_unsafe_start  # noqa: E402  likewise
from arw_site.lifespan import lifespan  # noqa: E402  likewise
from arw_site.policy_start import listen_for_hangup, put_policy_in_force  # noqa: E402  likewise
from arw_site.request_id import sane_or_new  # noqa: E402  likewise
from arw_site.routing import websocket_application  # noqa: E402  likewise
from arw_site.worker import start_worker  # noqa: E402  likewise
from telemetry.audit import writing  # noqa: E402  likewise
from telemetry.door.feedback import FeedbackDoor  # noqa: E402  likewise
from telemetry.door.reads import ReadsDoor  # noqa: E402  likewise
from telemetry.events.relay import follow_nodes  # noqa: E402  likewise
from telemetry.ingestion.ingestor import start_ingestor  # noqa: E402  likewise
from telemetry.reading.reader import start_reader  # noqa: E402  likewise
from telemetry.sse import EventStreamDoor  # noqa: E402  likewise

refuse_unsafe_start()
put_policy_in_force()

application = ProtocolTypeRouter(
    {
        "http": ReadsDoor(
            FeedbackDoor(
                EventStreamDoor(BodyBound(django_application)),
                request_id=sane_or_new,
                refusal=door_refusal,
            ),
            request_id=sane_or_new,
            refusal=door_refusal,
        ),
        "websocket": websocket_application,
        "lifespan": lifespan,
    }
)

start_ingestor()
start_reader()
follow_nodes()
if settings.ARW_WORKER:
    start_worker()
listen_for_hangup()
writing.record_start()
