"""Serves the ASGI application on a socket that already listens."""

import asyncio
import gc
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable

import uvicorn
from django.core.exceptions import RequestAborted

from arw_site.run.stream_writers import StreamingAnswers, StreamingSockets

APPLICATION = "arw_site.asgi:application"
STREAM_GRACE = 1.0  # seconds that answers under way get before open streams are cut
LOOK_AGAIN = 0.05  # seconds
FULL_GRACE = 5  # seconds after which whatever is left is cancelled
LARGEST_FRAME = 65_536  # bytes; readers of the live socket only send filters


class Server(uvicorn.Server):
    """Uvicorn that announces itself when it answers, and ends open event streams when it stops."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self.announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.announce()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # A stream never ends by itself: without this, every stop with an open browser tab would
        # wait for FULL_GRACE and then log a cancelled task.
        asyncio.get_running_loop().call_later(STREAM_GRACE, self.hang_up)
        await super().shutdown(sockets)

    def hang_up(self) -> None:
        from telemetry.ingestion.ingestor import running_ingestor

        ingestor = running_ingestor()
        if ingestor is not None and ingestor.waiting:
            # Feedback that was taken is answered first.
            asyncio.get_running_loop().call_later(LOOK_AGAIN, self.hang_up)
            return
        for connection in list(self.server_state.connections):
            if connection.transport is not None:
                connection.transport.abort()


def serve_uvicorn(
    listener: socket.socket, announce: Callable[[], None], *, behind_proxy: bool
) -> None:
    """Returns after SIGINT or SIGTERM, when every answer under way has been sent."""
    config = uvicorn.Config(
        APPLICATION,
        http=StreamingAnswers,
        ws=StreamingSockets,
        access_log=False,
        log_config=None,
        proxy_headers=behind_proxy,
        server_header=False,
        timeout_graceful_shutdown=FULL_GRACE,
        ws_max_size=LARGEST_FRAME,
        # Each reader would be sent the same event compressed anew (see StreamingSockets).
        ws_per_message_deflate=False,
    )
    logging.getLogger("uvicorn").setLevel(logging.WARNING)  # `announce` says that it is up
    gc.collect()
    gc.freeze()  # what start-up made lives as long as the process: no need to look at it again
    # Thousands of open streams are much to look at, and hold up all of them while it lasts.
    gc.set_threshold(5_000, 20, 50)
    for name in (signal.SIGINT, signal.SIGTERM):
        # Uvicorn raises the signal again once it has stopped; by then nothing is left to do.
        signal.signal(name, lambda *_: None)
    Server(config, announce).run(sockets=[listener])


def serve_daphne(listener: socket.socket, announce: Callable[[], None]) -> None:
    """The same under daphne, Channels' own server; ends the process itself."""
    from daphne.cli import CommandLineInterface

    from telemetry.audit import writing
    from telemetry.door.metering import add_what_was_served
    from telemetry.events.relay import leave_nodes
    from telemetry.ingestion.ingestor import stop_ingestor

    announce()
    logging.getLogger("asyncio").addFilter(is_news)
    options = ["--fd", str(listener.fileno()), "--verbosity", "0", "--no-server-name"]
    CommandLineInterface().run([*options, APPLICATION])
    stop_ingestor()
    leave_nodes()
    writing.close()
    add_what_was_served()
    # Daphne cancels what is under way, and a thread of such a request waits for the stopped loop
    # for good: joining it, as Python does when it ends, would never return.
    logging.shutdown()
    sys.stdout.flush()
    os._exit(0)


def is_news(record: logging.LogRecord) -> bool:
    """A reader who hung up while daphne stops is none: Django leaves that task unawaited."""
    return not (record.exc_info and isinstance(record.exc_info[1], RequestAborted))
