"""Many clicks at once where customers are invited and answer: one effect, and everybody is told the same."""

import socket
from collections import Counter
from collections.abc import Callable
from contextlib import closing

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agreements.links import link_of, receipt_path
from agreements.models import Attestation, AttestationEvent, ConfirmationRequest, Invitation, Receipt
from agreements.tests.answering import administrator, agreement, asked, at_partner, filled, opened, path_of
from agreements.tests.factories import confirmed
from agreements.tests.invitation_factories import ConfirmationRequestFactory, RequestInvitationFactory
from agreements.tests.test_answer_join import answers as joining
from customers.models import Customer, RelationshipRequest, Tenant
from customers.tests.factories import CustomerFactory
from portal.audit.models import AuditEvent
from portal.jobs.management.commands.serve import HOST
from portal.jobs.models import Letter
from portal.jobs.tests.concurrency import together
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import MembershipFactory
from portal.tests.scenario_plugin import scale
from portal.tests.scenarios.live import Browser, Live
from portal.tests.scenarios.test_one_effect import send_at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.scenario("I2")]
ClientOf = Callable[[Membership], Client]
Said = Counter[tuple[int, str]]


def events(code: str) -> int:
    """In the log that has most of them: what concerns two partners is in the log of both."""
    said = AuditEvent.objects.filter(code=f"agreements.{code}").values_list("partner_id", flat=True)
    return max(Counter(said).values(), default=0)


def letters(kind: str) -> int:
    return Letter.objects.filter(kind=f"agreements.{kind}").count()


def all_alike(answers: Said, count: int) -> str:
    """Where all of them were led to."""
    ((status, url), times), *others = answers.items()
    assert (status, times, others) == (302, count, [])
    return url


def invite(server: Live, customer: Customer, client: Client, count: int) -> Said:
    browser, path = server.browser(client), reverse("agreements:invite", args=[customer.tenant_id])
    return send_at_once(browser, path, browser.filled(path, having="who", is_sent="on"), count)


def test_one_invitation(live: Live, customer: Customer, sales_agent: Membership, client_of: ClientOf) -> None:
    """Invite, as many times at once: 1 invitation, 1 message, every answer leads to it"""
    count = scale(12, 200)
    led = all_alike(invite(live, customer, client_of(sales_agent), count), count)
    assert led == reverse("agreements:invitation", args=[Invitation.objects.get().public_id])
    assert (events("customer_invited"), letters("invitation")) == (1, 1)


def test_negative_control_without_keys_inviting_is_answered_in_two_ways(
    faulty: Live, customer: Customer, sales_agent: Membership, client_of: ClientOf
) -> None:
    """negative control: with the key ignored, all but one are told that the customer is invited already"""
    assert len(invite(faulty, customer, client_of(sales_agent), 20)) > 1


def test_one_invitation_each(
    live: Live, customer: Customer, partner: Partner, sales_agent: Membership, client_of: ClientOf
) -> None:
    """Invite the selected, as many times at once: 1 invitation and 1 message to each of them, no answer fails"""
    others = [customer, *(CustomerFactory(partner=partner) for _ in range(3))]
    browser, path = live.browser(client_of(sales_agent)), reverse("customers:bulk_invite")
    form = {"customer": str(customer.tenant_id), "step": "invite", "partner": str(partner.tenant_id)}
    # The browser of the scenarios sends each name once; the other customers come in a form of their own.
    forms = [{**form, "customer": str(each.tenant_id)} for each in others]
    answers, errors = together(scale(12, 200), lambda number: browser.post(path, forms[number % 4]))
    assert errors == []
    assert Counter(answer.status_code for answer in answers) == {200: scale(12, 200)}
    assert set(Invitation.objects.values_list("customer", flat=True)) == {each.pk for each in others}
    assert (Invitation.objects.count(), letters("invitation")) == (4, 4)


def accept(server: Live, customer: Customer, count: int) -> Said:
    client = opened(asked(customer))
    typed = filled(agreement(client, customer.partner))
    return send_at_once(server.browser(client), at_partner(customer.partner, "agreement/"), typed, count)


def test_one_acceptance(live: Live, customer: Customer) -> None:
    """Accept, as many times at once: 1 record, 1 receipt, every answer leads to it"""
    count = scale(12, 200)
    assert all_alike(accept(live, customer, count), count) == at_partner(customer.partner, "receipt/")
    assert (Attestation.objects.count(), Receipt.objects.count(), events("invitation_accepted")) == (1, 1, 1)
    assert (letters("receipt"), letters("answer")) == (1, 1)


def decline(server: Live, customer: Customer, count: int) -> Said:
    client = opened(asked(customer))
    typed = {"asked": str(Invitation.objects.get().public_id), "reason": "Our lawyers read it first"}
    return send_at_once(server.browser(client), at_partner(customer.partner, "decline/"), typed, count)


def test_one_no(live: Live, customer: Customer) -> None:
    """Decline, as many times at once: declined once, the agent is told once, every answer the same"""
    count = scale(12, 200)
    assert all_alike(decline(live, customer, count), count) == at_partner(customer.partner)
    assert (events("invitation_declined"), letters("answer")) == (1, 1)


def test_negative_control_where_nobody_waits_for_its_turn(faulty: Live, customer: Customer) -> None:
    """negative control: without the lock the same clicks decline many times, and the agent is told each time"""
    decline(faulty, customer, 20)
    assert events("invitation_declined") > 1
    assert letters("answer") > 1


def yes_and_no(server: Live, customer: Customer, agent: Client, count: int) -> Counter[int]:
    """Accept, decline, "still reviewing" and revoke in the same moment; how each was answered."""
    client = opened(asked(customer))
    invitation = Invitation.objects.get()
    typed = filled(agreement(client, customer.partner)) | {"reason": "No"}
    customers, agents = server.browser(client), server.browser(agent)
    revoke = reverse("agreements:revoke_invitation", args=[invitation.public_id])
    form = {"partner": str(customer.partner.tenant_id)}
    ways = [
        (customers, at_partner(customer.partner, what), typed) for what in ("agreement/", "decline/", "reviewing/")
    ]
    ways.append((agents, revoke, form))

    def send(number: int) -> int:
        browser, path, said = ways[number % len(ways)]
        return browser.post(path, said).status_code

    answers, errors = together(count, send)
    assert errors == []
    return Counter(answers)


def test_one_last_word(live: Live, customer: Customer, sales_agent: Membership, client_of: ClientOf) -> None:
    """Accepted, declined and revoked in the same moment: one of them holds, and a record stands only if accepted"""
    answers = yes_and_no(live, customer, client_of(sales_agent), scale(12, 200))
    assert set(answers) <= {200, 302}
    ends = {code: events(f"invitation_{code}") for code in ("accepted", "declined", "revoked")}
    outcome = Invitation.objects.get().outcome
    assert {code: count for code, count in ends.items() if count} == {outcome: 1}
    assert Attestation.objects.count() == (outcome == "accepted")


def dispute(server: Live, customer: Customer, count: int) -> Said:
    client = Client()
    client.get(receipt_path(confirmed(customer).receipt))
    browser = server.browser(client)
    form = browser.filled("/receipt/", having="about", reason="I was on holiday")
    return send_at_once(browser, "/receipt/", form, count)


def test_one_dispute(live: Live, customer: Customer) -> None:
    """ "This was not me", as many times at once: 1 dispute, the partner is told once, every answer the same"""
    count = scale(12, 200)
    assert all_alike(dispute(live, customer, count), count) == "/receipt/"
    assert AttestationEvent.objects.get().kind == "disputed"
    assert (events("acceptance_disputed"), letters("dispute_opened")) == (1, 1)


def test_negative_control_of_the_dispute(faulty: Live, customer: Customer) -> None:
    """negative control: without the tenant's lock the same clicks dispute many times"""
    dispute(faulty, customer, 20)
    assert AttestationEvent.objects.count() > 1


def ask(server: Live, resold: Customer, client: Client, count: int) -> Said:
    browser, path = server.browser(client), reverse("agreements:ask_provider", args=[resold.tenant_id])
    said = {"agreed_on": resold.partner.today.isoformat(), "signer": "contact", "evidence_kind": "email"}
    return send_at_once(browser, path, browser.filled(path, having="evidence_kind", **said), count)


@pytest.mark.usefixtures("template")
def test_one_request_to_the_provider(
    live: Live, provider: Partner, reseller_agent: Membership, client_of: ClientOf
) -> None:
    """Ask the provider, as many times at once: 1 request, every answer leads to it"""
    resold, count = CustomerFactory(partner=provider, reseller=reseller_agent.partner), scale(12, 200)
    led = all_alike(ask(live, resold, client_of(reseller_agent), count), count)
    asked_once = ConfirmationRequest.objects.get()
    assert led == reverse("agreements:confirmation_request", args=[asked_once.public_id])
    assert events("confirmation_asked") == 1


@pytest.mark.usefixtures("template")
def test_negative_control_without_keys_asking_is_answered_in_two_ways(
    faulty: Live, provider: Partner, reseller_agent: Membership, client_of: ClientOf
) -> None:
    """negative control: with the key ignored, all but one are told that the provider has not decided yet"""
    resold = CustomerFactory(partner=provider, reseller=reseller_agent.partner)
    assert len(ask(faulty, resold, client_of(reseller_agent), 20)) > 1


@pytest.mark.usefixtures("template")
def test_one_confirmation_of_a_request(live: Live, provider: Partner, client_of: ClientOf) -> None:
    """The provider confirms, as many times at once: 1 record, every answer leads to the request"""
    request = ConfirmationRequestFactory(customer__partner=provider)
    agent = MembershipFactory(partner=provider, roles=["admin_agent"])
    browser, count = live.browser(client_of(agent)), scale(12, 200)
    path = reverse("agreements:confirmation_request", args=[request.public_id])
    form = browser.filled(path, having="evidence_kind")
    assert all_alike(send_at_once(browser, path, form, count), count) == path
    assert (Attestation.objects.count(), events("confirmation_granted"), letters("receipt")) == (1, 1, 1)


def test_one_request_for_a_relationship(
    live: Live, partner: Partner, sales_agent: Membership, client_of: ClientOf
) -> None:
    """Ask a company for a relationship, as many times at once: 1 request, 1 invitation, every answer leads to it"""
    browser, path = live.browser(client_of(sales_agent)), reverse("customers:request_relationship")
    said = {
        "company_name": "Fabrikam",
        "first_name": "Zofia",
        "last_name": "Nowak",
        "email": "zofia@fabrikam.example",
    }
    count = scale(12, 200)
    led = all_alike(send_at_once(browser, path, browser.filled(path, having="company_name", **said), count), count)
    assert led == reverse("agreements:invitation", args=[Invitation.objects.get().public_id])
    assert RelationshipRequest.objects.count() == 1


def test_one_message(live: Live, customer: Customer, sales_agent: Membership, client_of: ClientOf) -> None:
    """Send the invitation, as many times at once: 1 message, every answer the same"""
    invitation, browser = asked(customer), live.browser(client_of(sales_agent))
    path, count = reverse("agreements:invitation", args=[invitation.public_id]), scale(12, 200)
    form = browser.filled(path, having="partner", message=link_of(invitation))
    send = reverse("agreements:send_invitation", args=[invitation.public_id])
    assert all_alike(send_at_once(browser, send, form, count), count) == path
    assert (letters("invitation"), events("invitation_sent")) == (1, 1)


def test_the_company_answers_all_its_partners_at_once(live: Live, customer: Customer) -> None:
    """Two partners' links and the administrator, all accepting in the same moment: 1 record, which answers both"""
    customer.relationship_accepted_at = timezone.now()
    customer.save()
    other = CustomerFactory(tenant=customer.tenant, relationship_accepted_at=timezone.now())
    ways = []
    for each in (customer, other):
        for client in (opened(asked(each) if not each.invitations.exists() else each.invitations.get()), None):
            client = client or administrator(each.tenant)
            typed = filled(agreement(client, each.partner))
            ways.append((live.browser(client), at_partner(each.partner, "agreement/"), typed))
    answers, errors = together(scale(12, 200), lambda number: send(*ways[number % len(ways)]))
    assert errors == []
    assert {status for status, _url in answers} <= {200, 302}
    assert (Attestation.objects.count(), Receipt.objects.count(), letters("receipt")) == (1, 1, 1)
    assert set(Invitation.objects.values_list("outcome", flat=True)) == {"accepted", "settled"}


def send(browser: Browser, path: str, typed: dict[str, str]) -> tuple[int, str]:
    answer = browser.post(path, typed)
    return answer.status_code, answer.url


@pytest.mark.usefixtures("template")
def test_one_company_by_two_requests(live: Live, partner: Partner, provider: Partner) -> None:
    """Two partners ask a company that is new, and both are answered in the same moment: 1 company, 1 record"""
    ways = []
    for seller in (partner, provider):
        client = opened(RequestInvitationFactory(partner=seller))
        typed = joining(agreement(client, seller))
        ways.append((live.browser(client), at_partner(seller, "agreement/"), typed))
    answers, errors = together(scale(12, 200), lambda number: send(*ways[number % 2]))
    assert errors == []
    assert {status for status, _url in answers} == {200, 302}, "the second is told to sign in as its administrator"
    assert (Tenant.objects.count(), Customer.objects.count(), Attestation.objects.count()) == (1, 1, 1)


def test_ten_scanners_and_then_the_person(live: Live, customer: Customer) -> None:
    """Scanners that open the link all at once: nothing is used up, and the person accepts by the same link"""
    path = path_of(asked(customer))
    nobody = live.browser(Client())
    ways = ("GET", "HEAD")
    answers, errors = together(scale(10, 100), lambda number: nobody.send(ways[number % 2], path))
    assert errors == []
    assert {(answer.status_code, answer.url) for answer in answers} == {(302, "/accept/")}
    assert Invitation.objects.get().opened_at is None
    client = opened(Invitation.objects.get())
    typed = filled(agreement(client, customer.partner))
    done = live.browser(client).post(at_partner(customer.partner, "agreement/"), typed)
    assert done.url == at_partner(customer.partner, "receipt/")


@pytest.mark.scenario("S10")
def test_the_web_servers_own_log_quotes_no_link(live: Live, customer: Customer) -> None:
    """A link in a request that is no HTTP, as old link checkers send it: refused, and the log does not quote it"""
    path = path_of(asked(customer))
    for line in (f"GET {path}", f"GET {path} HTTP/9.9", f"G@T {path} HTTP/1.1", f"GET {path} {path} HTTP/1.1"):
        with closing(socket.create_connection((HOST, live.port), timeout=10)) as browser:
            browser.sendall(f"{line}\r\nHost: localhost\r\n\r\n".encode())
            assert b" 400 " in browser.recv(100)
    assert live.browser(Client()).get(path).status_code == 302
    log = (live.folder / "server.log").read_text()
    assert '"route": "accept/<str:token>/"' in log
    assert path.split("/")[2] not in log
