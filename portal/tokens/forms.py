"""What a global admin types about programs that use the API."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from portal.common.forms import PortalForm, Section
from portal.partners.forms import role_choices
from portal.tokens.redirect_uris import MOST, split_lines, why_not_a_redirect_uri

ON_ITS_OWN, FOR_MEMBERS = "app", "user"


class ClientForm(PortalForm):
    """What a program is for. Cleans to what the services take: what its purposes do not need is left out."""

    name = forms.CharField(
        label=_("Name"),
        max_length=100,
        help_text=_("Members read it when they are asked to let the program act for them."),
    )
    purposes = forms.MultipleChoiceField(
        label=_("What is it for?"),
        choices=[
            (ON_ITS_OWN, _("It acts by itself, such as a nightly job on a server (app-only)")),
            (FOR_MEMBERS, _("It acts for members who sign in and allow it (App+User)")),
        ],
        widget=forms.CheckboxSelectMultiple,
    )
    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        choices=role_choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("As with members, several add up. Give it no more than its work needs."),
    )
    redirect_uris = forms.CharField(
        label=_("Redirect URIs"),
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocapitalize": "off"}),
        required=False,
        max_length=12_000,
        help_text=_("Where the browser goes after the sign-in, one on each line: https://…, or http://localhost."),
    )
    is_public = forms.BooleanField(
        label=_("Public client: it runs on people's own devices and can keep no secret"),
        required=False,
        help_text=_("It gets no secret; each sign-in is proved by PKCE."),
    )
    allows_password = forms.BooleanField(
        label=_("Old program: members type their password into it"),
        required=False,
        help_text=_("Only for programs that know no sign-in page. Whoever runs the program can read the passwords."),
    )

    sections = (
        Section("program", _("Program"), ("name", "purposes")),
        Section("app", _("When it acts by itself"), ("roles",)),
        Section("user", _("When it acts for members"), ("redirect_uris", "is_public", "allows_password")),
    )
    submit_label = _("Save")
    messages_required = {"purposes": _("Choose at least one thing that it does")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Needed or not by what the program is for, so not called optional.
        for name in ("roles", "redirect_uris"):
            self.fields[name].is_asked = True  # type: ignore[attr-defined]  # read by components/field.html

    def clean_redirect_uris(self) -> list[str]:
        """The addresses; each line that cannot be used is named with what to do."""
        uris = split_lines(self.cleaned_data["redirect_uris"])
        if len(uris) > MOST:
            raise forms.ValidationError(_now("Enter at most %(most)d addresses") % {"most": MOST})
        wrong = [(uri, why_not_a_redirect_uri(uri)) for uri in uris]
        told = [_now("%(uri)s: %(reason)s") % {"uri": uri[:80], "reason": why} for uri, why in wrong if why]
        if told:
            raise forms.ValidationError(told)
        return uris

    def clean(self) -> dict[str, Any]:
        """Judge the answers together."""
        cleaned = dict(self.cleaned_data)
        purposes = cleaned.pop("purposes", None)
        if purposes is None:
            return cleaned
        on_its_own, for_members = ON_ITS_OWN in purposes, FOR_MEMBERS in purposes
        if on_its_own and not cleaned.get("roles"):
            self.add_error("roles", _("Choose at least one role for what it does by itself"))
        if for_members and self._lacks_a_way_back(cleaned):
            self.add_error("redirect_uris", _("Enter where the browser goes after the sign-in"))
        if on_its_own and for_members and cleaned.get("is_public"):
            message = _("A program that acts by itself needs a secret. Make two clients, one of them public")
            self.add_error("is_public", message)
        cleaned["allows_app_only"] = on_its_own
        if not on_its_own:
            cleaned["roles"] = []
        if not for_members:
            cleaned |= {"redirect_uris": [], "is_public": False, "allows_password": False}
        return cleaned

    def _lacks_a_way_back(self, cleaned: Mapping[str, Any]) -> bool:
        is_unsaid = not cleaned.get("redirect_uris") and "redirect_uris" not in self.errors
        return is_unsaid and not cleaned.get("allows_password")


class SecretForm(PortalForm):
    """How long a new secret is good."""

    months = forms.TypedChoiceField(
        label=_("Good for"),
        choices=[(3, _("3 months")), (6, _("6 months")), (12, _("12 months")), (24, _("24 months"))],
        coerce=int,
        initial=6,
        help_text=_("Before it runs out, make another one, give it to the program, and revoke this one."),
    )

    submit_label = _("Create the secret")
