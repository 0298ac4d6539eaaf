"""Ports that stay the same from one start to the next, as long as nobody else takes them."""

import contextlib
import json
import socket
from collections.abc import Sequence
from pathlib import Path

from arw_site.run.folder import write_private
from arw_site.run.listener import HOST


def kept_ports(file: Path, names: Sequence[str]) -> dict[str, int]:
    """A port on 127.0.0.1 for each name: those in `file` where they are free, else new ones."""
    known: dict[str, int] = {}
    if file.exists():
        with contextlib.suppress(ValueError):
            known = dict(json.loads(file.read_text(encoding="utf-8")))
    with contextlib.ExitStack() as held:
        ports = {name: held_port(held, known.get(name, 0)) for name in names}
    write_private(file, json.dumps(ports, indent=2) + "\n")
    return ports


def held_port(held: contextlib.ExitStack, wanted: int) -> int:
    """`wanted`, or another where it is taken; nobody else gets it while it is held."""
    for port in (wanted, 0):
        probe = held.enter_context(socket.socket())
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            continue
        return int(probe.getsockname()[1])
    raise OSError("no port is free")


def answers(port: int) -> bool:
    """Whether somebody accepts connections."""
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True
