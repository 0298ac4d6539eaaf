"""`python -m arw_site.run cluster`: PostgreSQL, Redis, two servers and a proxy, all on loopback."""
