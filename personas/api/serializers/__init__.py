"""Shapes of the change workflow over HTTP (contract §3 to §5)."""
