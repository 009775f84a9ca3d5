"""Staff look at files and policies; nobody edits or removes one there."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from agreements.models import EvidencePolicy
from agreements.tests.factories import confirmed, file_of, uploaded
from customers.models import Customer
from portal.common.actor import Actor
from portal.partners.models import Membership
from portal.partners.tests.factories import UserFactory


@pytest.mark.parametrize("name", ["evidence", "evidenceupload", "evidencepolicy"])
def test_staff_look_and_touch_nothing(
    customer: Customer, sales_agent: Membership, actor_for: Callable[..., Actor], name: str
) -> None:
    file = file_of(confirmed(customer))
    upload = uploaded(actor_for(sales_agent), customer.partner)
    policy = EvidencePolicy.objects.create(partner=customer.partner, required_kinds=["email"])
    found = {"evidence": file, "evidenceupload": upload, "evidencepolicy": policy}[name]
    client, word = Client(), "email" if name == "evidencepolicy" else "contract.pdf"
    staff = UserFactory(is_staff=True, is_superuser=True)
    client.force_login(staff, backend="allauth.account.auth_backends.AuthenticationBackend")
    address = f"admin:agreements_{name}_"
    for url in (reverse(f"{address}changelist") + "?q=x", reverse(f"{address}change", args=[found.pk])):
        assert client.get(url).status_code == 200
    assert word in client.get(reverse(f"{address}changelist")).content.decode()
    for view in ("add", "delete", "change"):
        args = [] if view == "add" else [found.pk]
        assert client.post(reverse(f"{address}{view}", args=args), {"name": "x", "post": "yes"}).status_code == 403
