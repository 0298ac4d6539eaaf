"""The server's own audit trail in the local event log (contract §5, §9).

`writing` hands events to a thread that stores them, `receivers` turn news of the other apps into
events, `page` is what admins see of it. The log itself knows no Django: `telemetry.eventlog`.
"""
