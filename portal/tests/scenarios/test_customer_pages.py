"""The customer's own pages from outside: their methods and headers, and what a run leaves in logs and tables."""

import io
import logging
from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.urls import reverse

from agreements.links import invitation_token, receipt_path
from agreements.models import Attestation, Invitation
from agreements.tests.answering import FROM_HERE, accept, asked, at_partner, everything, opened, stored_text
from agreements.tests.factories import confirmed
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from portal.partners.models import Membership
from portal.tests.guards.access_table import PUBLIC, TABLE
from portal.tests.guards.test_headers import mistakes
from portal.tests.scenarios.two_partners import parameters

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Membership], Client]
UNKNOWN = "/accept/?link=unknown"
NOT_ME = "I was on holiday"


def customers_pages() -> Iterator[tuple[str, str]]:
    """(name, methods) of every page of the customers' own."""
    for name, rule in TABLE.items():
        if name.startswith("agreements:") and rule.access == PUBLIC:
            yield name, rule.methods


@pytest.mark.scenario("T1")
def test_every_page_answers_only_what_it_is_for(customer: Customer, admin_agent: Membership) -> None:
    """Every page of the door with every other method, and HEAD, opened or not: 405, and nothing changes"""
    invitation = asked(customer)
    record = confirmed(CustomerFactory(partner=customer.partner))
    client, before = opened(invitation), everything()
    for name, methods in customers_pages():
        values = {
            "partner_id": customer.partner.tenant_id,
            "document_id": record.document.public_id,
            "token": invitation_token(invitation),
        }
        wanted = parameters(name)
        path = reverse(name, kwargs={key: values[key] for key in wanted})
        known = {"HEAD", "GET", "POST"} & {*methods.split(), *(["HEAD"] if "GET" in methods else [])}
        for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"):
            if method not in known:
                assert client.generic(method, path).status_code == 405, f"{method} {name}"
        # The text's file itself is not there in tests.
        if "GET" in known and "document_id" not in wanted:
            assert client.head(path).status_code == client.get(path).status_code
    assert everything() == before


@pytest.mark.scenario("S3")
def test_every_page_of_the_door_protects_its_reader(customer: Customer, admin_agent: Membership) -> None:
    """Headers of every page and error of the door: policy, framing, referrer, no caching, no search engine"""
    client, record = opened(asked(customer)), confirmed(CustomerFactory(partner=customer.partner))
    here = customer.partner
    pages = [client.get(at_partner(here, what)) for what in ("", "agreement/", "decline/")]
    pages += [client.get("/accept/"), client.get(UNKNOWN), client.post(at_partner(here, "decline/"), {"asked": "x"})]
    pages += [client.get(at_partner(here, "receipt/")), client.post(at_partner(here, "decline/"), {"reason": ""})]
    pages += [Client().get("/accept/"), Client().get("/receipt/"), Client().post(at_partner(here), headers=FROM_HERE)]
    client.get(receipt_path(record.receipt))
    pages += [client.get("/receipt/"), client.post("/receipt/", {"reason": ""}), accept(client, here)]
    pages += [client.get(at_partner(here, "receipt/")), client.post("/accept/leave/")]
    for page in pages:
        assert mistakes(page) == [], page.request["PATH_INFO"]
        assert "noindex" in page.headers["X-Robots-Tag"], page.request["PATH_INFO"]
        assert page.headers["Cache-Control"] == "no-store"


@pytest.mark.scenario("S10")
def test_the_log_of_a_whole_run_names_nobody(
    customer: Customer, admin_agent: Membership, client_of: ClientOf
) -> None:
    """Invite, open, accept, dispute, and every mistake on the way: no token, address or name in the log"""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logging.getLogger().handlers[0].formatter)
    logging.getLogger().addHandler(handler)
    try:
        invitation, token, receipts = whole_run(customer, client_of(admin_agent))
    finally:
        logging.getLogger().removeHandler(handler)
    log = written.getvalue()
    assert log.count('"route"') > 10
    secrets = [token, receipts, "customer.example", "Zofia", "Prezes", customer.company_name, customer.tenant.domain]
    secrets += [admin_agent.user.email, admin_agent.user.name, NOT_ME, str(invitation.public_id)]
    assert [secret for secret in secrets if secret in log] == []
    assert [secret for secret in (token, receipts) if secret in stored_text()] == []


def whole_run(customer: Customer, agent: Client) -> tuple[Invitation, str, str]:
    """(the invitation, its token, the receipt's token)."""
    invitation = asked(customer)
    token = invitation_token(invitation)
    agent.get(f"/agreements/invitations/{invitation.public_id}/")
    client = Client(raise_request_exception=False)
    for path in (f"/accept/{token}", f"/accept/{token}/", f"/accept/{token}/more/", f"/receipt/{token}/", "/accept/"):
        client.get(path)
        client.get(path, headers={"host": "evil.example"})
    client.post(at_partner(customer.partner, "decline/"), {"reason": ""})
    client.post(at_partner(customer.partner, "agreement/"), {"person-first_name": "Zofia", "person-agrees": "\0"})
    accept(client, customer.partner)
    receipts = receipt_path(Attestation.objects.get().receipt)
    client.get(receipts)
    client.post("/receipt/", {"reason": NOT_ME})
    Client(enforce_csrf_checks=True).post(receipts, {"reason": NOT_ME})
    return invitation, token, receipts.split("/")[2]
