"""django-allauth's forms in the house's words and marks; named by the ACCOUNT_FORMS setting."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ChangePasswordForm, LoginForm, ResetPasswordForm, ResetPasswordKeyForm
from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from portal.common.forms import dress


class _Dressed:
    """Mixed into a form of the library: same behaviour, house wording, no placeholders in place of labels."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields: dict[str, forms.Field]
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
        self.adapt()
        dress(self)  # type: ignore[arg-type]  # every user of the mixin is a form

    def adapt(self) -> None:
        """Labels and hints that differ from the library's."""


class SignInForm(_Dressed, LoginForm):
    """E-mail address and password."""

    def adapt(self) -> None:
        """The link for a forgotten password stands below the button, out of the way of the Tab key."""
        self.fields["login"].label = _("Email address")
        self.fields["password"].help_text = ""


class ForgottenPasswordForm(_Dressed, ResetPasswordForm):
    """The address to which the link for a new password goes."""

    def adapt(self) -> None:
        """The one address asked for needs no qualification."""
        self.fields["email"].label = _("Email address")

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """The adapter answers whether or not anybody has the address, with the same work: see there.

        The library's own would first make a link of its own kind, and a row, for addresses that are known.
        """
        get_adapter().answer_password_reset(self.users)
        return str(self.cleaned_data["email"])


class NewPasswordForm(_Dressed, ResetPasswordKeyForm):
    """A new password, twice, after following the link."""

    def adapt(self) -> None:
        """Plain words for the two boxes."""
        self.fields["password1"].label = _("New password")
        self.fields["password2"].label = _("New password again")


class OwnPasswordForm(_Dressed, ChangePasswordForm):
    """The current password and a new one, twice."""

    def adapt(self) -> None:
        """Plain words; who forgot the current password finds the link on the sign-in page."""
        self.fields["oldpassword"].label = _("Current password")
        self.fields["oldpassword"].help_text = ""
        self.fields["password1"].label = _("New password")
        self.fields["password2"].label = _("New password again")
