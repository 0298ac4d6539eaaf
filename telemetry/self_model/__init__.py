"""What an agent says of itself, and how far that is from what it used to say (contract §10)."""
