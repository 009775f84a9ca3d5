"""Invitations, requests to confirm and disputes, by the services as far as they make them."""

import uuid
from datetime import timedelta

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from agreements.links import new_digest
from agreements.models import Attestation, ConfirmationRequest, Invitation, Place
from agreements.services import Statement, dispute_acceptance, documents_for
from agreements.tests.factories import person
from customers.models import Customer, RelationshipRequest
from customers.tests.factories import CustomerFactory
from portal.common.actor import Actor, ActorKind, Door
from portal.partners.tests.factories import PartnerFactory

THE_PERSON = Actor(kind=ActorKind.CUSTOMER, name="Zofia Wiśniewska", door=Door.CUSTOMER_PAGE)


class RelationshipRequestFactory(DjangoModelFactory[RelationshipRequest]):
    class Meta:
        model = RelationshipRequest

    partner = factory.SubFactory(PartnerFactory)
    asked_by = factory.SelfAttribute("partner")
    company_name = factory.Sequence(lambda n: f"Company {n} Sp. z o.o.")


class RequestInvitationFactory(DjangoModelFactory[Invitation]):
    """Asks a company that is nobody's customer yet; not sent, by nobody's hand."""

    class Meta:
        model = Invitation

    partner = factory.SubFactory(PartnerFactory)
    request = factory.SubFactory(RelationshipRequestFactory, partner=factory.SelfAttribute("..partner"))
    public_id = factory.LazyFunction(uuid.uuid4)
    place = Place.PORTAL
    first_name = "Zofia"
    last_name = "Wiśniewska"
    email = "zofia@customer.example"
    invited_by_name = "Test"
    expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=30))
    token_digest = factory.LazyAttribute(
        lambda row: new_digest(Invitation(place=row.place, public_id=row.public_id, generation=1))
    )


class ConfirmationRequestFactory(DjangoModelFactory[ConfirmationRequest]):
    """What the customer's reseller asks of its provider."""

    class Meta:
        model = ConfirmationRequest

    customer = factory.SubFactory(
        CustomerFactory,
        partner=factory.SubFactory(PartnerFactory, provider=True),
        reseller=factory.SubFactory(PartnerFactory, reseller=True),
    )
    partner = factory.SelfAttribute("customer.partner")
    reseller = factory.SelfAttribute("customer.reseller")
    first_name = "Zofia"
    last_name = "Wiśniewska"
    email = "zofia@customer.example"
    agreed_on = factory.LazyFunction(lambda: timezone.now().date())
    language = "en-US"
    evidence_kind = "email"
    evidence_note = "Subject: Akceptacja"
    asked_by_name = "Rita Reseller"


def disputed(record: Attestation, reason: str = "I never accepted anything.") -> Attestation:
    """The same record, after the person named in it disputes it."""
    dispute_acceptance(by=THE_PERSON, receipt=record.receipt, reason=reason)
    return record


def statement(customer: Customer, **changed: object) -> Statement:
    """That the person read a text of the customer's country and accepts it."""
    document = documents_for(str(customer.country), partner=customer.partner)[0]
    said: dict[str, object] = {"person": person(), "authority": "Owner", "document_id": document.public_id}
    return Statement(**{**said, **changed})
