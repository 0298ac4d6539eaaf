"""Taking in feedback: one group, one transaction, every check inside it (contract §7)."""
