"""Decisions about acceptances: pure, over values only. Each answers a reason or None."""

from collections.abc import Collection, Mapping
from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.common.text import why_not_a_name

PERSON_FIELDS = ("first_name", "last_name", "email", "phone")


def why_not_agreed_on(
    agreed_on: date, *, today: date, effective_on: date | None, stale_before: date | None = None
) -> str | Promise | None:
    """today: in the partner's time zone (every seed: not a future date); effective_on: of the first version;
    stale_before: acceptances before it no longer cover, so recording one anew would change nothing.
    """
    if agreed_on > today:
        return _("The acceptance date must be today or earlier")
    if effective_on is None:
        return _("No version of the agreement is on file. Ask the portal's staff to add it")
    if agreed_on < effective_on:
        return _("The acceptance date must be %(date)s or later; the agreement did not exist before") % {
            "date": date_format(effective_on)
        }
    if stale_before is not None and agreed_on < stale_before:
        return _("The acceptance date must be %(date)s or later; earlier acceptances no longer count") % {
            "date": date_format(stale_before)
        }
    return None


def why_not_a_person(person: Mapping[str, str]) -> dict[str, str | Promise | None]:
    """Field -> what to do, for the names and the address of the person who accepted; None where all is well."""
    reasons: dict[str, str | Promise | None] = {
        "first_name": why_not_a_name(person["first_name"]),
        "last_name": why_not_a_name(person["last_name"]),
    }
    try:
        validate_email(person["email"])
    except ValidationError:
        reasons["email"] = _("Enter the email address of the person who accepted")
    return reasons


def why_not_an_evidence_kind(kind: str, known: Collection[str]) -> str | Promise | None:
    return None if kind in known else _("Choose how you know that the customer accepted")


def why_cannot_reconfirm(
    *, person: Mapping[str, str], recorded: Mapping[str, str] | None, covers: bool
) -> str | Promise | None:
    """Partner Center 600061: a record that still covers is not repeated with the same four contact fields."""
    if recorded is None or not covers:
        return None
    if all(person[field] == recorded[field] for field in PERSON_FIELDS):
        return _(
            "This acceptance is recorded already, with the same person. To put something right, choose "
            "Correction and say what was wrong."
        )
    return None


def why_not_enough_evidence(*, kind: str, note: str) -> str | Promise | None:
    if kind == "other" and not note.strip():
        return _("Say in the note how you know that the customer accepted")
    return None


def supersede_reason(*, is_correction: bool, is_withdrawn: bool, covers: bool) -> str:
    """Why a further record follows the last one of its line."""
    if is_correction or is_withdrawn:
        return "correction"
    return "new_signer" if covers else "renewal"
