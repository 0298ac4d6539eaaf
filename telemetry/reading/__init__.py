"""Reading what is read all the time: one group, one read transaction, every check inside it."""
