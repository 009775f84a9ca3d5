"""The records of the agreements room in Partner Center's words, and back."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from phonenumber_field.phonenumber import to_python
from pydantic.alias_generators import to_camel, to_pascal

from agreements.legacy import CLOUD_AGREEMENT
from agreements.links import file_link, hosted_link
from agreements.models import AgreementDocument, AgreementTemplate, Attestation, EnhancedAttestation, HostedOutcome
from agreements.services import Person, Signatory
from portal.api.v1.agreements.schemas import (
    CLOUD,
    EVERY,
    MCA,
    AgreementMetaDataOut,
    AgreementOut,
    DocumentOut,
    EnhancedIn,
    EnhancedOut,
    PrimaryContact,
)
from portal.api.v1.faults import BAD_CHOICE, INVALID, Fault
from portal.api.v1.wire import spelled
from portal.partners.models import User

# Facts, 1.1.
LINKS = {MCA: "https://aka.ms/customeragreement", CLOUD: "https://docs.microsoft.com/partner-center/agreements"}
# As where a confirmation answers at Partner Center. Its lists leave the zone out; a client may need one.
MIDNIGHT = "T00:00:00.000Z"
_MOMENT = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:[Tt ](\d{2}:\d{2}(?::\d{2})?)(?:[.,](\d{1,12}))?)?\s*([Zz]|[+-]\d{2}:?\d{2})?", re.ASCII
)

LONGEST = {"first_name": 50, "last_name": 50, "email": 254, "phone_number": 30}
_NUMBER = re.compile(r"[0-9 +()./-]*", re.ASCII)


def types_asked(text: str) -> tuple[str, ...]:
    """What `agreementType` filters by. Left out it is the Cloud Agreement, as at Partner Center. Raises Fault 400."""
    if text.strip() == EVERY:
        return (MCA, CLOUD)
    known = {spelled(kind): kind for kind in (MCA, CLOUD)} | {"": CLOUD}
    found = known.get(spelled(text))
    if found is None:
        raise Fault(
            400, BAD_CHOICE, f"agreementType: must be one of {MCA}, {CLOUD}, {EVERY}.", data=["agreementType"]
        )
    return (found,)


def metadata_of(kinds: Iterable[str], *, on: date) -> list[AgreementMetaDataOut]:
    """The version in force of each type; of the legacy one what is built in, where staff keep none."""
    found = []
    for kind in kinds:
        template = AgreementTemplate.objects.in_force(on=on, type=kind)
        if template is not None:
            earlier = AgreementTemplate.objects.filter(type=kind, effective_on__lt=template.effective_on).count()
            found.append(_metadata(template.template_id, kind, earlier))
        elif kind == CLOUD:
            found.append(_metadata(CLOUD_AGREEMENT.template_id, kind, 0))
    return found


def _metadata(template_id: UUID, kind: str, rank: int) -> AgreementMetaDataOut:
    return AgreementMetaDataOut(
        template_id=str(template_id), agreement_type=kind, agreement_link=LINKS[kind], version_rank=rank
    )


def document_of(document: AgreementDocument, *, country: str) -> DocumentOut:
    """country: as it was asked for."""
    return DocumentOut(
        display_uri=file_link(document),
        download_uri=file_link(document),
        language=document.language,
        country=country,
    )


def contact_of(record: Attestation | None) -> PrimaryContact:
    """Who accepted; with empty names where there is no record, or its person was erased."""
    person = getattr(record, "person", None)
    if person is None:
        return PrimaryContact()
    said = person.contact_fields
    return PrimaryContact(
        first_name=said["first_name"],
        last_name=said["last_name"],
        email=said["email"],
        phone_number=said["phone"] or None,
    )


def person_of(contact: PrimaryContact | None, *, country: str, place: str = "primaryContact.") -> Person:
    """As the services take it; a national number is read as one of this country. place: what the names of members
    begin with. Raises Fault 400 where nobody is named, or in a way that nobody is.
    """
    if contact is None:
        raise Fault(400, INVALID, "primaryContact is missing: say who accepted.", data=["primaryContact"])
    said = {name: (getattr(contact, name) or "").strip() for name in LONGEST}
    for name, longest in LONGEST.items():
        member = _member(place, name)
        if not said[name] and name != "phone_number":
            raise Fault(400, INVALID, f"{member} is missing.", data=[member])
        if len(said[name]) > longest:
            raise Fault(400, INVALID, f"{member} has more than {longest} characters.", data=[member])
    phone = number_of(said.pop("phone_number"), country=country, member=_member(place, "phone_number"))
    return Person(**said, phone=phone)


def _member(place: str, name: str) -> str:
    """Like primaryContact.firstName and signatoryFirstName."""
    return f"{place}{to_camel(name) if place.endswith('.') else to_pascal(name)}"


def number_of(text: str, *, country: str, member: str) -> str:
    """In E.164 where it is a number of this country or names its own, else as it is: Partner Center takes any.

    Raises Fault 400 for what is no number at all.
    """
    if not _NUMBER.fullmatch(text):
        raise Fault(400, INVALID, f"{member} must be a phone number, such as +14255550100.", data=[member])
    number = to_python(text, region=country) if text else None
    return str(number.as_e164) if number and number.is_valid() else text


def agreement_of(record: Attestation, *, user_id: UUID | None) -> AgreementOut:
    """user_id: public id of the member who recorded it."""
    return AgreementOut(
        user_id=str(user_id) if user_id else None,
        primary_contact=contact_of(record),
        template_id=str(record.document.template.template_id),
        date_agreed=f"{record.agreed_on.isoformat()}{MIDNIGHT}",
        type=record.agreement_type,
        agreement_link=LINKS[record.agreement_type],
    )


def agreements_of(records: list[Attestation]) -> list[AgreementOut]:
    """As they are listed."""
    ids = {record.actor_user_id for record in records}
    users: dict[Any, UUID] = dict(User.objects.filter(pk__in=ids).values_list("pk", "public_id"))
    return [agreement_of(record, user_id=users.get(record.actor_user_id)) for record in records]


def day_of(text: str | None, *, zone: ZoneInfo) -> date:
    """The date of acceptance: a moment with a zone as a date in the partner's zone, any other as it stands.

    Midnight UTC is how clients, and answers here, write a day: west of Greenwich, too, it is that day. Any number of
    digits after the second. Raises Fault 400.
    """
    found = _MOMENT.fullmatch((text or "").strip())
    try:
        if found is None:
            raise ValueError
        day, clock, _fraction, offset = found.groups()
        plain = datetime.fromisoformat(f"{day}T{clock or '00:00:00'}")
        is_utc = offset in ("Z", "z", "+00:00", "+0000")
        if not offset or (is_utc and plain == datetime.fromisoformat(day)):
            return plain.date()
        moment = plain.replace(tzinfo=UTC) if is_utc else datetime.fromisoformat(f"{plain.isoformat()}{offset}")
        return moment.astimezone(zone).date()
    except OverflowError:
        # At the ends of the calendar no zone moves a date; either is refused further on.
        return plain.date()
    except ValueError:
        told = "dateAgreed must be a date and time such as 2026-01-10T00:00:00Z."
        raise Fault(400, INVALID, told, data=["dateAgreed"]) from None


def signatory_of(said: EnhancedIn) -> Signatory:
    """Raises Fault 400 as `person_of` does."""
    named = PrimaryContact(
        first_name=said.signatory_first_name,
        last_name=said.signatory_last_name,
        email=said.signatory_email,
        phone_number=said.signatory_phone_number,
    )
    country = said.country.strip()
    return Signatory(
        person=person_of(named, country=country, place="signatory"),
        company_name=said.company_name,
        country=country,
        language=said.language.strip(),
    )


def enhanced_of(asked: EnhancedAttestation) -> EnhancedOut:
    is_accepted, is_declined = asked.outcome == HostedOutcome.ACCEPTED, asked.outcome == HostedOutcome.DECLINED
    return EnhancedOut(
        id=str(asked.public_id),
        attestation_id=str(asked.public_id),
        status=asked.state,
        url=_url(asked),
        country=str(asked.country),
        language=asked.document.language if asked.document else asked.language,
        company_name=asked.company_name,
        signatory_first_name=asked.first_name,
        signatory_last_name=asked.last_name,
        signatory_email=asked.email,
        signatory_phone_number=asked.phone or None,
        created_at=asked.created_at,
        expires_at=asked.expires_at,
        opened_at=asked.opened_at,
        accepted_at=asked.closed_at if is_accepted else None,
        declined_at=asked.closed_at if is_declined else None,
        decline_reason=asked.decline_reason or None,
        is_used=asked.attestation_id is not None,
    )


def _url(asked: EnhancedAttestation) -> str | None:
    """None once nobody answers by it, or where it cannot be made any more."""
    if not asked.is_answerable:
        return None
    try:
        return hosted_link(asked)
    except ValueError:
        return None
