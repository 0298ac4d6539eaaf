"""What the ASGI server tells of its own life: its end is the moment to store what waits."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from arw_site.body_bound import Message, Receive, Send
from arw_site.run.processes import NODE_FOLDER
from telemetry.audit import writing
from telemetry.door.metering import add_what_was_served
from telemetry.events.relay import leave_nodes
from telemetry.ingestion.ingestor import running_ingestor, stop_ingestor
from telemetry.ingestion.node.sharing import leave_writer, share_writer
from telemetry.reading.reader import stop_reader


async def lifespan(scope: Message, receive: Receive, send: Send) -> None:
    """Answer the lifespan protocol; returns when the server has stopped.

    Uvicorn asks once every answer is sent, and may end by the signal itself right after: no exit
    handler runs then. Daphne knows no lifespan and ends like any program.
    """
    while True:
        message = await receive()
        if message["type"] == "lifespan.shutdown":
            await leave_writer()
            await asyncio.to_thread(stop_reader)
            await asyncio.to_thread(stop_ingestor)
            await asyncio.to_thread(leave_nodes)
            await asyncio.to_thread(writing.close)
            add_what_was_served()
            await send({"type": "lifespan.shutdown.complete"})
            return
        ingestor = running_ingestor()
        folder = os.environ.get(NODE_FOLDER)
        if ingestor is not None and folder:
            share_writer(Path(folder), ingestor)
        await send({"type": "lifespan.startup.complete"})
