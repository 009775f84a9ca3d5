"""What customers and agents are told about acceptances, each in its own language, and the link in it."""

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from agreements.links import MICROSOFT_PROFILE_URL, link_of, receipt_path
from agreements.models import Approval, Attestation, AttestationEvent, ConfirmationRequest, Invitation, Receipt
from portal.audit.checkpoints import as_file
from portal.audit.models import Checkpoint
from portal.common.languages import interface_language
from portal.common.mail import compose
from portal.partners.models import Membership, User

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
    """Tells the named person that its acceptance is on record, and what proves it; None once it was erased."""
    from agreements.proofs import proof_of  # proofs need the services, which post these letters

    person = getattr(receipt.attestation, "person", None)
    if person is None:
        return None
    return compose(
        "agreements/mail/receipt",
        to=person.email,
        path=receipt_path(receipt),
        language=language,
        attestation=receipt.attestation,
        proof=proof_of(receipt.attestation),
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


def approval_asked(approval: Approval, agent: User) -> EmailMultiAlternatives:
    """That a new record waits, to one who may approve it."""
    path = reverse("agreements:approval", args=[approval.public_id])
    return compose("agreements/mail/approval_asked", to=agent.email, path=path, approval=approval, agent=agent)


def approval_decided(approval: Approval, agent: User) -> EmailMultiAlternatives:
    """What the second person decided, to who asked."""
    path = reverse("agreements:approval", args=[approval.public_id])
    return compose("agreements/mail/approval_decided", to=agent.email, path=path, approval=approval, agent=agent)


def checkpoints(checkpoints: list[Checkpoint], agent: Membership) -> EmailMultiAlternatives:
    """What was signed of the partner's chain and of the portal's, in words and as a file for the verifier."""
    day = max(checkpoint.at for checkpoint in checkpoints).date()
    message = compose(
        "agreements/mail/checkpoints",
        to=agent.user.email,
        path=reverse("agreements:evidence"),
        checkpoints=checkpoints,
        agent=agent.user,
        partner=agent.partner,
        day=day,
        keys_url=f"{settings.PORTAL_URL}{reverse('agreements:keys')}",
    )
    message.attach(f"checkpoints-{day:%Y-%m-%d}.json", as_file(checkpoints), "application/json")
    return message
