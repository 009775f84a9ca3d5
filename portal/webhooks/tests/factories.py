"""Registrations and notices, as tests need them."""

import base64
from datetime import timedelta

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from portal.partners.tests.factories import PartnerFactory
from portal.webhooks.models import Delivery, Registration, WebhookKey
from portal.webhooks.rules import Event


class RegistrationFactory(DjangoModelFactory[Registration]):
    class Meta:
        model = Registration

    partner = factory.SubFactory(PartnerFactory)
    url = "https://hooks.example.com/partner"
    events = factory.LazyFunction(lambda: [each.value for each in Event])
    changed_by_name = "Gita Global"


class DeliveryFactory(DjangoModelFactory[Delivery]):
    class Meta:
        model = Delivery

    registration = factory.SubFactory(RegistrationFactory)
    event = Event.CUSTOMER_CREATED
    resource_name = "customer"
    resource_uri = "/v1/customers/c8b8f5f4-6c1f-4b12-a1ab-2c3d4e5f6a7b"


class WebhookKeyFactory(DjangoModelFactory[WebhookKey]):
    """With a certificate that is none: nothing is signed with it."""

    class Meta:
        model = WebhookKey

    key_id = factory.Sequence(lambda n: f"{n:016x}")
    private_sealed = ""
    certificate = base64.b64encode(b"certificate").decode()
    expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=700))
