"""The `runner` command. Each module is one command; what it needs is imported when it runs."""
