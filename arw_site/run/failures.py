"""The one error of starting up."""


class CannotStart(Exception):
    """The server cannot start; the message is one clear line for the person who started it."""
