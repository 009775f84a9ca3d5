"""Settings > Where customers accept."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from agreements.models import InvitationPolicy, Place
from agreements.services import policy_of
from portal.audit.models import AuditEvent
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import MembershipFactory, PartnerFactory

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Membership], Client]
POLICY = reverse("agreements:policy")


def chosen(**changed: str) -> dict[str, str]:
    return {"place": "portal", "valid_days": "30", "customer_days": "3, 7, 14", "staff_days": "14", **changed}


def said(response: Any) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


@pytest.fixture
def client(client_of: ClientOf, global_admin: Membership) -> Client:
    return client_of(global_admin)


def test_the_global_admin_changes_it(client: Client, partner: Partner) -> None:
    form = client.get(POLICY).context["form"]
    assert [form[name].value() for name in ("place", "valid_days")] == ["portal", 30]
    assert 'value="3, 7, 14"' in client.get(POLICY).content.decode()
    answer = client.post(POLICY, chosen(place="microsoft", valid_days="60", customer_days="10 5;10", staff_days=""))
    assert answer["Location"] == POLICY
    assert "saved" in said(answer)
    policy = policy_of(partner)
    assert (policy.place, policy.valid_days) == (Place.MICROSOFT, 60)
    assert (policy.customer_days, policy.staff_days) == ([5, 10], [])
    event = AuditEvent.objects.get(code="agreements.policy_changed")
    assert set(event.changed) == {"place", "valid_days", "customer_days", "staff_days"}


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("place", "", "Choose where customers accept"),
        ("place", "moon", "Choose one of the listed answers"),
        ("valid_days", "", "Enter a number of days from 1 to 365"),
        ("valid_days", "0", "Enter a number of days from 1 to 365"),
        ("valid_days", "366", "Enter a number of days from 1 to 365"),
        ("valid_days", "thirty", "Enter a number of days from 1 to 365"),
        ("customer_days", "3, soon", "Enter numbers of days with commas between them, for example 3, 7, 14"),
        ("customer_days", "-3", "Enter numbers of days with commas between them, for example 3, 7, 14"),
        ("customer_days", "٣", "Enter numbers of days with commas between them, for example 3, 7, 14"),
        ("customer_days", "1,2,3,4,5,6", "Choose at most 5 days"),
        ("customer_days", "30", "Enter days from 1 to 29, before the invitation expires"),
        ("staff_days", "0", "Enter days from 1 to 29, before the invitation expires"),
        ("staff_days", "9" * 60, ""),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(
    client: Client, partner: Partner, field: str, typed: str, message: str
) -> None:
    answer = client.post(POLICY, chosen(**{field: typed}))
    form = answer.context["form"]
    assert message in " ".join(form.errors[field])
    assert form[field].value() == typed
    assert not InvitationPolicy.objects.exists()


def test_the_same_again_changes_nothing(client: Client) -> None:
    for _click in range(3):
        client.post(POLICY, chosen(valid_days="20"))
    assert InvitationPolicy.objects.get().valid_days == 20
    assert AuditEvent.objects.filter(code="agreements.policy_changed").count() == 1


def test_everybody_else_reads_it(client_of: ClientOf, sales_agent: Membership) -> None:
    client = client_of(sales_agent)
    page = client.get(POLICY).content.decode()
    assert "On the portal&#x27;s own pages" in page
    assert "3, 7, 14 days" in page
    assert "<textarea" not in page
    assert 'name="valid_days"' not in page
    assert client.post(POLICY, chosen()).status_code == 403
    assert not InvitationPolicy.objects.exists()


@pytest.mark.parametrize("kind", ["reseller", "government"])
def test_who_has_nothing_to_decide_is_told_so(client_of: ClientOf, kind: str) -> None:
    member = MembershipFactory(partner=PartnerFactory(**{kind: True}), roles=["global_admin"])
    client = client_of(member)
    page = client.get(POLICY).content.decode()
    assert ("Your indirect providers decide" if kind == "reseller" else "does not apply in your cloud") in page
    assert client.post(POLICY, chosen(valid_days="5")).status_code == 200
    assert not InvitationPolicy.objects.exists()
    assert POLICY not in client.get(reverse("partners:profile")).content.decode()
