"""Thin doors: ASGI applications in front of Django for the few requests that come in thousands."""
