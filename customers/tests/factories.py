"""Customers as tests need them: rows as the services would leave them."""

import uuid
from typing import Any

import factory
from django.db import transaction
from factory.django import DjangoModelFactory

from customers.models import Contact, Customer, CustomerUser, OnboardingDraft, Tenant
from customers.services import CompanyDetails, ContactDetails, refresh_search
from portal.partners.tests.factories import MembershipFactory, PartnerFactory, UserFactory


class TenantFactory(DjangoModelFactory[Tenant]):
    class Meta:
        model = Tenant

    domain = factory.Sequence(lambda n: f"tenant{n}.onmicrosoft.com")


class CustomerUserFactory(DjangoModelFactory[CustomerUser]):
    class Meta:
        model = CustomerUser

    tenant = factory.SubFactory(TenantFactory)
    user = factory.SubFactory(
        UserFactory,
        email=factory.LazyAttribute(lambda user: f"admin@{user.factory_parent.tenant.domain}"),
        must_change_password=True,
    )
    is_admin = True


class CustomerFactory(DjangoModelFactory[Customer]):
    """With a primary contact and, at its tenant, an administrator."""

    class Meta:
        model = Customer

    tenant = factory.SubFactory(TenantFactory)
    partner = factory.SubFactory(PartnerFactory)
    company_name = factory.Sequence(lambda n: f"Customer {n} Sp. z o.o.")
    country = "PL"
    address_line1 = "ul. Prosta 1"
    city = "Warszawa"
    postal_code = "00-001"

    primary_contact_id = factory.LazyFunction(uuid.uuid4)

    @classmethod
    def _create(cls, model_class: type[Customer], *args: Any, **kwargs: Any) -> Customer:
        # Customer and primary contact name each other, so they are made in one transaction.
        with transaction.atomic():
            customer: Customer = super()._create(model_class, *args, **kwargs)
            ContactFactory(customer=customer, public_id=customer.primary_contact_id)
            refresh_search(customer)
        if not CustomerUser.objects.filter(tenant=customer.tenant).exists():
            CustomerUserFactory(tenant=customer.tenant)
        return customer


class ContactFactory(DjangoModelFactory[Contact]):
    class Meta:
        model = Contact

    customer = factory.SubFactory(CustomerFactory)
    first_name = "Zofia"
    last_name = "Wiśniewska"
    email = "zofia@customer.example"
    phone = "+48221234567"


class OnboardingDraftFactory(DjangoModelFactory[OnboardingDraft]):
    class Meta:
        model = OnboardingDraft

    class Params:
        membership = factory.SubFactory(MembershipFactory)

    partner = factory.LazyAttribute(lambda draft: draft.membership.partner)
    owner = factory.LazyAttribute(lambda draft: draft.membership.user)


def company(**changed: str) -> CompanyDetails:
    """Details that every rule accepts, with the given ones changed."""
    details = {
        "company_name": "Zażółć Gęślą Sp. z o.o.",
        "country": "PL",
        "address_line1": "ul. Prosta 1",
        "city": "Warszawa",
        "postal_code": "00-001",
        "registration_number": "5260250274",
    }
    return CompanyDetails(**{**details, **changed})


def contact(**changed: str) -> ContactDetails:
    details = {
        "first_name": "Zofia",
        "last_name": "Wiśniewska",
        "email": "zofia@customer.example",
        "phone": "+48221234567",
    }
    return ContactDetails(**{**details, **changed})
