"""What can go wrong with the event log. Each message is one sentence for an operator."""


class EventLogError(Exception):
    """Base of all; `str()` is fit for a terminal."""


class UnsafePath(EventLogError):
    """A file or folder is a symlink, belongs to somebody else or is open to others."""


class EventRefused(EventLogError):
    """The event holds what JSON cannot: NaN, infinities, numbers without end."""


class LogUnwritable(EventLogError):
    """The disk took nothing (full, read-only, failing); the log is as it was before."""


class LogChanged(EventLogError):
    """Another command replaced the log meanwhile; nothing was changed by this one."""


class RangeInvalid(EventLogError):
    """A range is `Nd` or `Nh` with a whole N above zero (spec 002 "CLI operations")."""
