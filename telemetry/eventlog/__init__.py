"""The local event log: append-only JSON Lines with a hash chain (spec 002, contract §9).

Library, command line (`runner telemetry …`) and the server's own audit trail at once. Imports no
Django and opens no socket. Nothing is imported here, so that naming a part costs only that part:
`telemetry.eventlog.store.Store` writes, `reading`, `export` and `verify` read without any lock.
"""
