"""`python -m arw_site.run`: from an empty state folder to a server that answers, in one process."""
