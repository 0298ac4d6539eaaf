"""The demo: people, personas, proposals, consent and leases, made by the same services as real ones."""
