"""The certificate of an acceptance: every fact of the record, its digests, and how anybody checks them, as a PDF."""

import logging
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from agreements.certified import checkpoint_part, entries_of, how_to_verify, position
from agreements.models import AgreementType, Attestation, AttestationPerson, EventKind, Evidence
from agreements.printed import Certificate, Fact, Part, code, day, moment
from agreements.proofs import proof_of
from portal.common.actor import DOOR_LABELS, Door
from portal.common.languages import FALLBACK
from portal.common.typesetting import can_show, typeset
from portal.partners.roles import LABELS

TEMPLATE = Path(__file__).with_name("certificate.typ")
logger = logging.getLogger(__name__)


def certificate_pdf(record: Attestation, *, company_name: str, language: str, made_at: datetime) -> bytes:
    """The record as it stands at `made_at`, in a language of the interface; in English where the machine has no font
    for that language's letters. The same record and moment make the same bytes. Raises NotTypeset.
    """
    spoken = _spoken(language)
    with translation.override(spoken):
        certificate = certificate_of(record, company_name=company_name, language=spoken, made_at=made_at)
        return typeset(TEMPLATE, asdict(certificate), at=made_at)


def _spoken(language: str) -> str:
    if can_show(str(dict(settings.LANGUAGES).get(language, ""))):
        return language
    logger.warning("No font for the letters of %s is installed; a certificate is made in English.", language)
    return FALLBACK


def certificate_of(record: Attestation, *, company_name: str, language: str, made_at: datetime) -> Certificate:
    """In the language in force, which is named. company_name: as the record's partner knows the company."""
    found = Attestation.objects.with_state().with_details().select_related("superseded_by")
    whole: Attestation = found.get(pk=record.pk)
    proof = proof_of(whole)
    since = tuple(_since(whole))
    return Certificate(
        language=language,
        title=_("Certificate of acceptance"),
        subtitle=str(whole.document.template),
        state=_("%(state)s on %(moment)s") % {"state": _state(whole), "moment": moment(made_at, whole.time_zone)},
        is_current=_is_current(whole),
        warning="" if proof.is_whole else _("The record does not fit its entry in the chain. Do not rely on it."),
        escaped=_("Letters that this portal has no font for are written as their code points, such as [U+0041]."),
        parts=(
            Part(_("Who accepted, and when"), tuple(_who(whole, company_name))),
            Part(_("The text that was accepted"), tuple(_which(whole))),
            Part(_("How it is known"), tuple(_how(whole))),
            Part(_("Who recorded it"), tuple(_recorded(whole))),
            *((Part(_("What happened since"), since),) if since else ()),
            position(proof),
            checkpoint_part(proof.checkpoint, whole.time_zone),
        ),
        proof_title=_("Digests, and the texts that they are of"),
        proof_words=_(
            "Each digest is the SHA-256 of a text, in hexadecimal digits. A text that takes several lines is one"
            " line: nothing stands between them, and nothing follows the last letter. Where there is a salt, it"
            " stands before the text on a line of its own."
        ),
        entries=tuple(entries_of(proof)),
        verify_title=_("How to verify"),
        steps=how_to_verify(whole),
        made_by=_("Made on %(moment)s by %(portal)s")
        % {"moment": moment(made_at, whole.time_zone), "portal": settings.PORTAL_URL},
        portal=settings.PORTAL_URL,
        page_of=_("Page {page} of {pages}"),
    )


def _is_current(record: Attestation) -> bool:
    is_last = not (record.is_withdrawn or record.is_superseded or record.dispute == EventKind.DISPUTED)
    # A legacy record never counts.
    return is_last and record.agreement_type == AgreementType.MCA


def _state(record: Attestation) -> str:
    if record.is_withdrawn:
        return _("Withdrawn")
    said = [_("Replaced")] if record.is_superseded else []
    said += [_("Disputed")] if record.dispute == EventKind.DISPUTED else []
    return ", ".join(said) or _("Current")


def _person(record: Attestation) -> AttestationPerson | None:
    return getattr(record, "person", None)


def _who(record: Attestation, company_name: str) -> Iterator[Fact]:
    yield Fact(_("Company"), company_name)
    yield code(_("Microsoft ID of the company"), str(record.tenant_id))
    person = _person(record)
    if person is None:
        yield Fact(_("Accepted by"), _("The person's data was erased"))
    else:
        yield Fact(_("Accepted by"), person.full_name)
        yield Fact(_("Email address"), person.email)
        yield Fact(_("Phone number"), str(person.phone) if person.phone else _("Not given"))
        if person.authority:
            yield Fact(_("Position in the company"), person.authority)
    yield Fact(_("Agreement acceptance date"), day(record.agreed_on))


def _which(record: Attestation) -> Iterator[Fact]:
    document = record.document
    yield Fact(_("Agreement"), record.get_agreement_type_display())
    yield Fact(_("Version"), document.template.version)
    yield code(_("Template id"), str(document.template.template_id))
    yield Fact(_("Country of the text"), str(document.country.name))
    yield Fact(_("Language of the text"), document.language_name)
    yield code(_("SHA-256 of the text"), document.sha256)


def _how(record: Attestation) -> Iterator[Fact]:
    yield Fact(_("Method"), record.get_method_display())
    if record.scenario is not None:
        yield Fact(_("Scenario"), record.get_scenario_display())
    yield Fact(_("Evidence"), record.get_evidence_kind_display())
    person = _person(record)
    if person is not None and person.evidence_note:
        yield Fact(_("What was noted"), person.evidence_note)
    for number, file in enumerate(Evidence.objects.filter(attestation=record).in_order(), start=1):
        yield from _file(file, number, record.time_zone)


def _file(file: Evidence, number: int, zone: str) -> Iterator[Fact]:
    size = _("%(count)s bytes") % {"count": file.size}
    yield Fact(_("File %(number)s") % {"number": number}, f"{file.name} ({file.media_type}, {size})")
    yield code(_("SHA-256 of the file"), file.sha256)
    yield Fact(_("Added"), f"{moment(file.added_at, zone)}, {file.actor_name}")


def _recorded(record: Attestation) -> Iterator[Fact]:
    if record.partner is not None:
        yield Fact(_("Partner"), record.partner.name)
        yield code(_("Microsoft ID of the partner"), str(record.partner.tenant_id))
    yield Fact(_("Recorded by"), record.recorded_by or _("The customer"))
    yield Fact(_("Roles held"), _roles(record.roles) or _("None"))
    yield Fact(_("Recorded through"), str(DOOR_LABELS[Door(record.door)]))
    yield Fact(_("Recorded at"), moment(record.recorded_at, record.time_zone))
    if record.approver_user_id is not None:
        yield Fact(_("Approved by"), record.approver_name)
    yield code(_("Reference"), str(record.reference))
    if record.supersedes is not None:
        yield code(_("Replaces"), str(record.supersedes.reference))
        person = _person(record)
        note = f": {person.reason_note}" if person is not None and person.reason_note else ""
        yield Fact(_("Reason"), f"{record.get_supersede_reason_display()}{note}")


def _roles(codes: list[str]) -> str:
    """As Partner Center names them, in whatever language the rest is."""
    with translation.override(FALLBACK):
        return ", ".join(str(label) for role, label in LABELS.items() if role in codes)


def _since(record: Attestation) -> Iterator[Fact]:
    for event in record.events.all():
        said = f": {event.reason}" if event.reason else ""
        who = event.who or _("The customer")
        yield Fact(event.get_kind_display(), f"{moment(event.at, record.time_zone)}, {who}{said}")
    follower: Attestation | None = getattr(record, "superseded_by", None)
    if follower is not None:
        yield code(_("Replaced by"), str(follower.reference))
