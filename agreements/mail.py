"""What customers and agents are told about acceptances, each in its own language, and the link in it."""

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from agreements.links import MICROSOFT_PROFILE_URL, link_of, receipt_path
from agreements.models import Attestation, AttestationEvent, ConfirmationRequest, Invitation, Receipt
from portal.common.languages import interface_language
from portal.common.mail import compose
from portal.partners.models import User

# Where the link stands in a message that an agent edited.
LINK = "{link}"


def invitation_words(invitation: Invitation) -> str:
    """The message as text, with LINK in the link's place: the agent's wording, else the usual one."""
    if invitation.message:
        return invitation.message
    context = {
        "invitation": invitation,
        "request": invitation.request,
        "link": LINK,
        "profile_link": MICROSOFT_PROFILE_URL,
    }
    with translation.override(interface_language(invitation.language)):
        return render_to_string("agreements/mail/invitation_words.txt", context).strip()


def invitation_subject(invitation: Invitation) -> str:
    with translation.override(interface_language(invitation.language)):
        context = {"invitation": invitation}
        return " ".join(render_to_string("agreements/mail/invitation.subject.txt", context).split())


def invitation(invitation: Invitation) -> EmailMultiAlternatives:
    """Raises ValueError where the link cannot be made any more."""
    return _to_the_customer("agreements/mail/invitation", invitation)


def reminder(invitation: Invitation) -> EmailMultiAlternatives:
    return _to_the_customer("agreements/mail/reminder", invitation)


def _to_the_customer(template: str, invitation: Invitation) -> EmailMultiAlternatives:
    link = link_of(invitation)
    before, _mark, after = invitation_words(invitation).partition(LINK)
    words = {
        "words": f"{before}{link}{after}",
        "before": before.strip(),
        "after": after.strip(),
        "acceptance_link": link,
    }
    return compose(
        template, to=invitation.email, path="", language=invitation.language, invitation=invitation, **words
    )


def staff_reminder(invitation: Invitation, agent: User) -> EmailMultiAlternatives:
    path = reverse("agreements:invitation", args=[invitation.public_id])
    return compose("agreements/mail/staff_reminder", to=agent.email, path=path, invitation=invitation, agent=agent)


def answer(invitation: Invitation, agent: User) -> EmailMultiAlternatives:
    """What the customer answered, to the agent who invited it."""
    path = reverse("agreements:invitation", args=[invitation.public_id])
    return compose("agreements/mail/answer", to=agent.email, path=path, invitation=invitation, agent=agent)


def receipt(receipt: Receipt, *, company_name: str, language: str) -> EmailMultiAlternatives | None:
    """Tells the named person that its acceptance is on record; None once the person was erased."""
    person = getattr(receipt.attestation, "person", None)
    if person is None:
        return None
    return compose(
        "agreements/mail/receipt",
        to=person.email,
        path=receipt_path(receipt),
        language=language,
        attestation=receipt.attestation,
        person=person,
        company_name=company_name,
    )


def dispute_opened(attestation: Attestation, agent: User, *, company_name: str) -> EmailMultiAlternatives:
    path = reverse("agreements:record", args=[attestation.tenant_id, attestation.reference])
    return compose(
        "agreements/mail/dispute_opened", to=agent.email, path=path, company_name=company_name, agent=agent
    )


def dispute_closed(
    event: AttestationEvent, receipt: Receipt, *, is_withdrawn: bool, company_name: str, language: str
) -> EmailMultiAlternatives | None:
    """Tells who disputed a record how that ended, and why; None once the person was erased."""
    person = getattr(event.attestation, "person", None)
    if person is None:
        return None
    return compose(
        "agreements/mail/dispute_closed",
        to=person.email,
        path=receipt_path(receipt),
        language=language,
        event=event,
        person=person,
        is_withdrawn=is_withdrawn,
        company_name=company_name,
    )


def confirmation_decided(request: ConfirmationRequest, agent: User) -> EmailMultiAlternatives:
    """What the provider decided, to the reseller's agent who asked."""
    path = reverse("agreements:confirmation_request", args=[request.public_id])
    return compose("agreements/mail/confirmation_decided", to=agent.email, path=path, request=request, agent=agent)
