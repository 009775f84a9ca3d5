"""What programs asked signatories, and the browser of a signatory."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import factory
from django.test import Client
from django.utils import timezone
from factory.django import DjangoModelFactory

from agreements.links import hosted_digest, hosted_link
from agreements.models import EnhancedAttestation
from portal.partners.tests.factories import PartnerFactory

FROM_HERE = {"origin": "http://testserver"}


class EnhancedAttestationFactory(DjangoModelFactory[EnhancedAttestation]):
    """Asked in English of somebody at a Polish company, open for a month."""

    class Meta:
        model = EnhancedAttestation

    public_id = factory.LazyFunction(uuid4)
    partner = factory.SubFactory(PartnerFactory)
    client_id = "11111111-1111-4111-8111-111111111111"
    client_name = "Onboarding"
    country = "PL"
    language = "en-US"
    company_name = "Żabka Nowa Sp. z o.o."
    first_name = "Zofia"
    last_name = "Wiśniewska"
    email = "zofia@customer.example"
    expires_at = factory.LazyAttribute(lambda asked: asked.created_at + timedelta(days=30))
    created_at = factory.LazyFunction(timezone.now)
    token_digest = factory.LazyAttribute(hosted_digest)


def signatory(asked: EnhancedAttestation) -> Client:
    """A browser in which the link was opened."""
    client = Client()
    assert client.get(urlsplit(hosted_link(asked)).path)["Location"] == "/hosted/"
    return client


def accept(client: Client, **changed: str) -> Any:
    """Read, tick and accept; the answer to the form."""
    page = client.get("/hosted/agreement/")
    typed = {"about": str(page.context["about"]), "shown": str(page.context["page"].shown.public_id)}
    typed |= {"language": page.context["page"].shown.language, "agrees": "on"}
    return client.post("/hosted/agreement/", typed | changed, headers=FROM_HERE)
