"""Settings > Evidence, and what the policy means where no form is."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agreements.models import CheckpointMail, EvidenceKind, EvidencePolicy
from agreements.services import evidence_policy_of, set_evidence_policy
from agreements.sheets import AcceptanceReader
from customers.services import ContactDetails
from customers.sheets.columns import Column
from portal.audit.models import AuditEvent
from portal.common.actor import Actor
from portal.common.errors import NotPermitted, RuleViolation
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import MembershipFactory, PartnerFactory

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Membership], Client]
POLICY = reverse("agreements:evidence_policy")
CHOSEN = {
    "required_kinds": ["esign_certificate", "signed_document"],
    "approved_reasons": ["correction"],
    "checkpoint_mail": "daily",
}


def test_the_global_admin_changes_it(client_of: ClientOf, global_admin: Membership, partner: Partner) -> None:
    client = client_of(global_admin)
    page = client.get(POLICY).content.decode()
    assert 'value="changed" ' in page
    assert "Accepted on the portal" not in page
    for _click in range(2):
        assert client.post(POLICY, CHOSEN)["Location"] == POLICY
    policy = evidence_policy_of(partner)
    assert (policy.required_kinds, policy.approved_reasons, policy.checkpoint_mail) == (
        ["signed_document", "esign_certificate"],
        ["correction"],
        CheckpointMail.DAILY,
    )
    event = AuditEvent.objects.get(code="agreements.evidence_policy_changed")
    assert set(event.changed) == set(CHOSEN)
    # All boxes may be empty.
    client.post(POLICY, {"checkpoint_mail": "never"})
    assert evidence_policy_of(partner).required_kinds == []


@pytest.mark.parametrize(
    ("field", "typed"), [("required_kinds", "portal"), ("approved_reasons", "moon"), ("checkpoint_mail", "")]
)
def test_what_is_wrong_is_said(client_of: ClientOf, global_admin: Membership, field: str, typed: str) -> None:
    form = client_of(global_admin).post(POLICY, {**CHOSEN, field: typed}).context["form"]
    assert form.errors[field]
    assert form["approved_reasons"].value() == ([typed] if field == "approved_reasons" else ["correction"])
    assert not EvidencePolicy.objects.exists()


def test_the_service_knows_only_listed_answers(
    partner: Partner, global_admin: Membership, sales_agent: Membership, actor_for: Callable[..., Actor]
) -> None:
    chosen: dict[str, Any] = {**CHOSEN, "checkpoint_mail": CheckpointMail.DAILY}
    with pytest.raises(RuleViolation) as refused:
        set_evidence_policy(
            by=actor_for(global_admin), partner=partner, **{**chosen, "required_kinds": [EvidenceKind.PORTAL]}
        )
    assert refused.value.field == "required_kinds"
    with pytest.raises(NotPermitted):
        set_evidence_policy(by=actor_for(sales_agent), partner=partner, **chosen)


def test_everybody_else_reads_it(client_of: ClientOf, sales_agent: Membership, partner: Partner) -> None:
    EvidencePolicy.objects.create(partner=partner, required_kinds=["email"], approved_reasons=["renewal"])
    page = client_of(sales_agent).get(POLICY).content.decode()
    assert ("<dd>Email</dd>" in page, "<dd>Renewal</dd>" in page) == (True, True)
    assert 'name="required_kinds"' not in page
    assert client_of(sales_agent).post(POLICY, CHOSEN).status_code == 403


@pytest.mark.parametrize("kind", ["reseller", "government"])
def test_who_has_nothing_to_decide_is_told_so(client_of: ClientOf, kind: str) -> None:
    member = MembershipFactory(partner=PartnerFactory(**{kind: True}), roles=["global_admin"])
    page = client_of(member).get(POLICY).content.decode()
    told = {"reseller": "Your indirect providers keep the records", "government": "does not apply in your cloud"}
    assert told[kind] in page
    assert client_of(member).post(POLICY, CHOSEN).status_code == 200
    assert not EvidencePolicy.objects.exists()


def test_a_sheet_carries_no_files(partner: Partner, template: Any) -> None:
    EvidencePolicy.objects.create(partner=partner, required_kinds=["signed_document"])
    contact = ContactDetails(first_name="Zofia", last_name="Nowak", email="z@customer.example", phone="")
    read = AcceptanceReader(partner).read
    said = {Column.AGREED_ON: partner.today.isoformat(), Column.EVIDENCE_KIND: "Signed document"}
    accepted, [[column, message]] = read(said, "PL", contact, is_contact_read=True)
    assert accepted is None
    assert (column, "record it with its file under Account info" in message) == (Column.EVIDENCE_KIND, True)
    accepted, problems = read({**said, Column.EVIDENCE_KIND: "Email"}, "PL", contact, is_contact_read=True)
    assert (accepted is not None, problems) == (True, [])
