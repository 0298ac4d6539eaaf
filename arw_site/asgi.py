"""The ASGI application: HTTP to Django, WebSockets to Channels."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "arw_site.settings")
# Django first: the consumers below import models.
django_application = get_asgi_application()

from channels.routing import ProtocolTypeRouter  # noqa: E402  after Django is set up

from arw_site.body_bound import BodyBound  # noqa: E402  likewise
from arw_site.checks import refuse_unsafe_start  # noqa: E402  likewise
from arw_site.routing import websocket_application  # noqa: E402  likewise

refuse_unsafe_start()

application = ProtocolTypeRouter(
    {"http": BodyBound(django_application), "websocket": websocket_application}
)
