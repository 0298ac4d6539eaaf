"""Persona documents: pure functions over JSON values, free of any framework (contract §3 to §5)."""
