"""Signing in: for people of every role, not only for staff."""

from __future__ import annotations

from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy


class SignInForm(AuthenticationForm):
    """User name and password. What may be seen afterwards is judged on each page."""

    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": gettext_lazy(
            "This user name and password do not belong together. Both are case-sensitive."
        ),
    }
