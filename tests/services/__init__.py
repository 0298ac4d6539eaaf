"""What the tests run against for real: PostgreSQL, Redis, Chromium and servers of our own."""
