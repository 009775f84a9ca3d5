"""API clients, their secrets, and what people allowed them, as tests need them."""

import hashlib
from datetime import timedelta

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from portal.partners.tests.factories import PartnerFactory, UserFactory
from portal.tokens.models import ApiClient, ApiSecret, Consent

SECRET = "a-secret-that-only-tests-know-0123456789"
REDIRECT_URI = "https://app.example/signed-in"


class ApiClientFactory(DjangoModelFactory[ApiClient]):
    """Works on its own as an admin agent, and for people; `public=True` for one without secrets."""

    class Meta:
        model = ApiClient

    class Params:
        public = factory.Trait(is_public=True, allows_app_only=False, roles=[], redirect_uris=["http://localhost"])

    partner = factory.SubFactory(PartnerFactory)
    name = factory.Sequence(lambda n: f"Program {n}")
    roles = factory.LazyFunction(lambda: ["admin_agent"])
    allows_app_only = True
    redirect_uris = factory.LazyFunction(lambda: [REDIRECT_URI])
    created_by_name = "Gita Global"


class ApiSecretFactory(DjangoModelFactory[ApiSecret]):
    """`text`: the secret itself."""

    class Meta:
        model = ApiSecret
        exclude = ("text",)

    text = factory.Sequence(lambda n: f"{SECRET}-{n}")
    client = factory.SubFactory(ApiClientFactory)
    digest = factory.LazyAttribute(lambda o: hashlib.sha256(o.text.encode()).hexdigest())
    hint = factory.LazyAttribute(lambda o: o.text[:4])
    expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=180))


class ConsentFactory(DjangoModelFactory[Consent]):
    """The person is not made a member by this."""

    class Meta:
        model = Consent

    client = factory.SubFactory(ApiClientFactory)
    user = factory.SubFactory(UserFactory)
