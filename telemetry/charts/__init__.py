"""Feedback over time, put together for charts and for the tables beside them (contract §7)."""
