"""What other pages need to ask for an acceptance: New customer composes it, an order asks it in between."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from phonenumber_field.phonenumber import to_python

from agreements.forms import CONTACT as CONTACT_SIGNS
from agreements.forms import CORRECTION, PERSON_FIELDS, SOMEONE_ELSE, AcceptanceForm, Renewal
from agreements.models import AgreementTemplate, Approval, Attestation, ConfirmationRequest
from agreements.receiving import receive_files
from agreements.services import ApprovalRequired, Person, ask_approval
from customers.models import Contact, Customer
from customers.rules import Standing, standing
from customers.steps import CONTACT, country_of
from customers.wizard import Step, StepContext, Typed
from portal.common.actor import Door
from portal.common.errors import RuleViolation
from portal.common.fields import RevealRadioSelect
from portal.common.forms import PortalForm, Section, show_refusal
from portal.partners.access import actor_of
from portal.partners.http import MemberRequest
from portal.partners.models import Membership

AnyAcceptanceForm = TypeVar("AnyAcceptanceForm", bound=AcceptanceForm)

INVITED, ACCEPTED = "invited", "accepted"
# The page element that holds the acceptance's questions; the answer ACCEPTED reveals it.
ACCEPTANCE_PART = "acceptance-part"


class AgreementChoiceForm(PortalForm):
    """The choice of seed 004 between the customer's own acceptance and the partner's confirmation."""

    choice = forms.ChoiceField(
        label=gettext_lazy("How the customer accepts"),
        help_text=gettext_lazy("Select one of the following options"),
        widget=RevealRadioSelect(reveals={ACCEPTED: ACCEPTANCE_PART}),
        choices=[
            (INVITED, gettext_lazy("Customer will be invited to accept the Microsoft Customer Agreement")),
            (ACCEPTED, gettext_lazy("The customer has accepted the latest Microsoft Customer Agreement")),
        ],
        error_messages={"required": gettext_lazy("Choose how the customer accepts the agreement")},
    )
    sections = (Section("agreement", gettext_lazy("Customer agreement"), ("choice",)),)


def sent_form(
    request: MemberRequest,
    *,
    customer: Customer,
    form_class: type[AnyAcceptanceForm],
    membership: Membership | None = None,
) -> AnyAcceptanceForm:
    """`acceptance_form` as the request sends it, with the member's files."""
    sent = receive_files(request, "evidence")
    form = acceptance_form(
        sent.data or None,
        customer=customer,
        form_class=form_class,
        membership=membership,
        sender=request.membership,
    )
    sent.tell(request, form, "evidence")
    return form


def acceptance_form(
    data: Mapping[str, Any] | None,
    *,
    customer: Customer,
    form_class: type[AnyAcceptanceForm],
    membership: Membership | None = None,
    sender: Membership | None = None,
) -> AnyAcceptanceForm:
    """The form for an existing customer, with its primary contact as the default; data: what was sent, or None.

    Given the membership that asks, a record that it may see and may put right is what the form starts from. sender:
    whose files may prove it.
    """
    today = customer.partner.today
    stale_before = AgreementTemplate.objects.stale_before(today=today)
    correctable = (
        Attestation.objects.covering(customer=customer, stale_before=stale_before)
        .filter(partner_id=customer.partner_id)
        .select_related("person", "document")
        .first()
    )
    contact = primary_contact(customer)
    initial: dict[str, Any] = {"language": customer.language}
    if correctable is not None and membership is not None and _sees(membership, correctable):
        initial |= as_recorded(correctable, contact)
    form: AnyAcceptanceForm = form_class(
        data,
        today=today,
        contact_label=contact_label(contact) if contact.first_name else None,
        country=str(customer.country),
        correctable=correctable,
        renewal=renewal_of(customer, stale_before=stale_before),
        sender=sender,
        initial=initial,
    )
    return form


def _sees(membership: Membership, record: Attestation) -> bool:
    return Attestation.objects.visible_to(membership).filter(pk=record.pk).exists()


def as_recorded(record: Attestation, contact: Person) -> dict[str, Any]:
    """Initial answers for a correction: what the record says, so that only what was wrong is typed anew."""
    said: dict[str, Any] = {
        "purpose": CORRECTION,
        "agreed_on": record.agreed_on,
        "language": record.document.language,
        "evidence_kind": record.evidence_kind,
        "scenario": record.scenario,
    }
    known = getattr(record, "person", None)
    if known is None:
        return said
    said["evidence_note"] = known.evidence_note
    person = Person(**known.contact_fields)
    return said if person == contact else said | {"signer": SOMEONE_ELSE, **asdict(person)}


def is_recorded(
    request: MemberRequest,
    customer: Customer,
    form: AcceptanceForm,
    service: Callable[..., Attestation],
    *,
    door: Door,
    told: str | Promise,
    asked: ConfirmationRequest | None = None,
) -> bool:
    """Whether the service took what the valid form states, and tells so; a refusal is shown in the form.

    Where a second person is needed, they are asked with the same words: that counts as taken. told: what is said of
    the record; asked: the reseller's request that it answers.
    """
    stated: dict[str, Any] = {
        "by": actor_of(request, door),
        "customer": customer,
        "acceptance": form.acceptance(primary_contact(customer)),
        "submit_key": request.POST.get("submit_key", ""),
    }
    try:
        service(**stated)
    except ApprovalRequired:
        return _is_asked_for(request, form, stated, asked)
    except RuleViolation as refused:
        show_refusal(form, refused)
        return False
    messages.success(request, told)
    return True


def _is_asked_for(
    request: MemberRequest, form: AcceptanceForm, stated: dict[str, Any], asked: ConfirmationRequest | None
) -> bool:
    """Whether it waits for a second person now."""
    try:
        ask_approval(**stated, scenario=form.cleaned_data.get("scenario"), request=asked)
    except RuleViolation as refused:
        show_refusal(form, refused)
        return False
    messages.info(request, _("Sent to a second person. The present record stays until then."))
    return True


def open_approval(membership: Membership, customer: Customer) -> Approval | None:
    """What waits for a second person, for whoever may see it."""
    return Approval.objects.visible_to(membership).open().filter(customer=customer).first()


def renewal_of(customer: Customer, *, stale_before: date | None) -> Renewal | None:
    """What a customer in need of renewal has to renew, else None; for showing beside every question for it."""
    where = standing(customer, has_agreement=customer.partner.has_agreement, stale_before=stale_before)
    agreed = [day for day in (customer.attested_on, customer.direct_on) if day is not None]
    if where != Standing.STALE or stale_before is None:
        return None
    return Renewal(agreed_on=max(agreed), stale_before=stale_before)


def primary_contact(customer: Customer) -> Person:
    """Whom the acceptance is assumed of; nobody (empty texts) while an imported customer has no contact yet."""
    contact = Contact.objects.filter(public_id=customer.primary_contact_id).first()
    if contact is None:
        return Person(first_name="", last_name="", email="")
    return Person(
        first_name=contact.first_name,
        last_name=contact.last_name,
        email=contact.email,
        phone=contact.phone.as_e164 if contact.phone else "",
    )


def contact_label(person: Person | None) -> str:
    """How the primary contact is shown beside the choice; None while nobody is typed yet."""
    if person is None or not person.first_name:
        return _("The primary contact")
    number = to_python(person.phone)
    known = ", ".join(part for part in (person.email, str(number or "")) if part)
    return _("The primary contact: %(name)s, %(known)s") % {
        "name": f"{person.first_name} {person.last_name}",
        "known": known,
    }


AGREEMENT, ACCEPTANCE = "agreement", "acceptance"
# The field of the page that names the files.
ACCEPTANCE_FILES = f"{ACCEPTANCE}-evidence"


def build_choice(typed: Typed | None, context: StepContext, initial: dict[str, str]) -> AgreementChoiceForm:
    return AgreementChoiceForm(typed, prefix=AGREEMENT, initial=initial)


def build_acceptance(typed: Typed | None, context: StepContext, initial: dict[str, str]) -> AcceptanceForm:
    """The contact is the one typed further up on the same page."""
    contact = Person(**{name: context.answer(CONTACT, name) for name in PERSON_FIELDS})
    return AcceptanceForm(
        typed,
        prefix=ACCEPTANCE,
        initial={"signer": CONTACT_SIGNS, **initial},
        today=context.today,
        contact_label=contact_label(contact),
        country=country_of(context),
        sender=context.membership,
    )


# Who may not confirm, or sells in a cloud without the agreement, is not asked.
AGREEMENT_STEP = Step(AGREEMENT, build_choice)
ACCEPTANCE_STEP = Step(
    ACCEPTANCE, build_acceptance, applies=lambda context: context.answer(AGREEMENT, "choice") == ACCEPTED
)
