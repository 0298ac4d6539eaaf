"""What is learned from interactions: memory items, and what a persona may take from them (§10)."""
