"""How a command fails, and the exit code that says so (contract §11)."""

from __future__ import annotations

from typing import ClassVar


class Failure(Exception):
    """A command ends without having done its work; ``lines`` are for stderr."""

    exit_code: ClassVar[int] = 1

    def __init__(self, *lines: str, document: str = "") -> None:
        self.lines = lines
        self.document = document
        super().__init__("\n".join(lines))


class Refused(Failure):
    """The server said no. ``document`` is its problem document, as it came."""

    exit_code = 1


class Unsound(Failure):
    """The server answered, and what was to be proved is not so."""

    exit_code = 1


class Misused(Failure):
    """The command line, or a file named on it, makes no sense."""

    exit_code = 2


class Unreachable(Failure):
    """No ARW server answered."""

    exit_code = 3


class OutputClosed(Exception):
    """Whoever read the output has gone, as ``head`` does. No failure."""
