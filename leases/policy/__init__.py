"""Policy: a question, the rules in force and the leases held become a decision (contract §6). Pure.

Cedar is the real engine; it is imported when the first document with a ``cedar`` block is read.
"""
