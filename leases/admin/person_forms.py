"""Forms about one person or automation, in the desk's words."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import (
    AdminPasswordChangeForm,
    AdminUserCreationForm,
    UserChangeForm,
)
from django.utils.translation import gettext_lazy as _

from leases.models import User

USER_NAME = _("At most 150 letters, digits and @ . + - _")


def _word_password_use(fields: dict[str, forms.Field]) -> None:
    """Whether there is a password at all: said by what it means here."""
    use = fields.get("usable_password")
    if isinstance(use, forms.ChoiceField):
        use.label = _("Signs in")
        use.help_text = ""
        use.choices = [("true", _("with a password")), ("false", _("not at all"))]


class NewPersonForm(AdminUserCreationForm):
    """User name and how to sign in; the rest is asked for on the next page."""

    class Meta(AdminUserCreationForm.Meta):
        model = User
        help_texts = {"username": USER_NAME}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        _word_password_use(self.fields)


class PersonForm(UserChangeForm):
    """Who it is and which roles it has. The password has a page of its own."""

    # A None leaves a field out that the class above has.
    password = None  # type: ignore[assignment]

    class Meta(UserChangeForm.Meta):
        model = User
        widgets = {"groups": forms.CheckboxSelectMultiple(attrs={"class": "people"})}
        help_texts = {
            "username": USER_NAME,
            "groups": _("Members propose, approvers decide, admins do all of it."),
            "is_active": _("Whoever is not active is refused everywhere. Nobody is deleted."),
        }


class PasswordForm(AdminPasswordChangeForm):
    """A password that an admin gives, or takes."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.label_suffix = ""
        _word_password_use(self.fields)
