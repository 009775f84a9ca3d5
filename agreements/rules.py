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


def contact_scenario(*, bought_here: bool, bought_elsewhere: bool, has_accepted_directly: bool) -> int | None:
    """In which scenario of seed 001 a company is told to contact its partner instead of accepting by itself.

    1: it bought through this partner before; 2: only through others. None: it may accept, because it is new, or
    because its own acceptance is on record and it only renews that.
    """
    if has_accepted_directly:
        return None
    if bought_here:
        return 1
    return 2 if bought_elsewhere else None


def why_cannot_accept_by_link(
    *, is_administrator: bool, is_claimed: bool, has_other_partners: bool
) -> str | Promise | None:
    """A partner that only claims a relationship cannot name who speaks for a company that others know."""
    if not is_administrator and is_claimed and has_other_partners:
        return _("Sign in as the administrator of your company to accept: your other partners rely on it too.")
    return None


def why_cannot_invite(*, is_covered: bool, is_invited: bool) -> str | Promise | None:
    if is_covered:
        return _("The customer's acceptance is on record already; there is nothing to invite it to.")
    if is_invited:
        return _("This customer is invited already. Open the invitation to send it again or to renew it.")
    return None


def why_not_an_authority(authority: str) -> str | Promise | None:
    if not authority.strip():
        return _("Enter your position in the company, such as Managing director")
    return None


# The longest message that an invitation carries.
LONGEST_MESSAGE = 4000


def why_not_a_message(text: str, *, mark: str) -> str | Promise | None:
    """mark: what stands in the link's place."""
    if mark not in text:
        return _("Keep the link in the message: it is personal, and without it the customer cannot accept")
    if text.count(mark) > 1:
        return _("Keep the link once in the message")
    if len(text) > LONGEST_MESSAGE:
        return _("Use at most %(most)d characters for the message") % {"most": LONGEST_MESSAGE}
    return None


def why_not_reminder_days(days: Collection[int], *, valid_days: int, most: int) -> str | Promise | None:
    """days: after the sending, on which somebody is reminded."""
    if len(days) > most:
        return _("Choose at most %(most)d days") % {"most": most}
    if any(not 1 <= day < valid_days for day in days):
        return _("Enter days from 1 to %(last)d, before the invitation expires") % {"last": valid_days - 1}
    return None


def why_cannot_resolve(
    *, recorded_by: int | None, resolver: int | None, is_partners: bool, is_staff: bool
) -> str | Promise | None:
    """Who may decide about a disputed record: not whoever made it; of the company's own one, the portal's staff."""
    if not is_partners and not is_staff:
        return _("This is the customer's own record. The customer, or the portal's staff, resolves its dispute.")
    if recorded_by is not None and recorded_by == resolver:
        return _("You made this record yourself. Another Admin agent has to resolve its dispute.")
    return None


def why_file_needed(*, kind: str, required_kinds: Collection[str], file_count: int) -> str | Promise | None:
    """A partner may ask for the proof itself where it is a file; with none of these kinds, or a file, all is well."""
    if file_count or kind not in required_kinds:
        return None
    return _("Add the file that proves it: your company's policy asks for one with this kind of evidence")


def why_cannot_approve(*, asked_by: int, approver: int | None) -> str | Promise | None:
    """A second person is somebody, and somebody else."""
    if approver is None:
        return _("Only a person approves; a program does not.")
    if approver == asked_by:
        return _("You asked for this yourself. Another Admin agent has to decide.")
    return None
