"""The yardstick: feedback as plain Django REST framework takes it, with nothing around it.

An APIView, a ModelSerializer, one row per transaction, retention by `post_save`; no token, no
consent, no sanitizer, no metrics and no events. Served by daphne.
"""
