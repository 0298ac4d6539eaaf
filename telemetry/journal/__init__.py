"""Reflections: who is asked for them, when, with which prompt, and what was answered (§10)."""
