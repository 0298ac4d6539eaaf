"""The one table of what every route and every page needs (contract §1)."""
