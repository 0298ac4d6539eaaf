"""The listening socket, bound before anything slow happens."""

import errno
import socket

from arw_site.run.failures import CannotStart

HOST = "127.0.0.1"
BACKLOG = 2048


def listen(port: int) -> socket.socket:
    """A socket that listens on 127.0.0.1; raises CannotStart when the port is not to be had.

    Who connects from now on waits until the server is up, instead of being refused.
    """
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(BACKLOG)
    except OSError as failure:
        listener.close()
        if failure.errno == errno.EADDRINUSE:
            raise CannotStart(
                f"port {port} on {HOST} is in use; choose another with ARW_PORT"
            ) from failure
        raise CannotStart(f"cannot listen on {HOST}:{port}: {failure.strerror}") from failure
    return listener


def inherited(descriptor: int) -> socket.socket:
    """The listening socket that the starting process passed on."""
    try:
        return socket.socket(fileno=descriptor)
    except OSError as failure:
        raise CannotStart(f"descriptor {descriptor} is no socket: {failure.strerror}") from failure
