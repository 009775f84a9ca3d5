"""/accept/: who sees which partners, and who is sent where."""

from collections.abc import Callable

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agreements.models import AgreementTemplate, Invitation, InvitationPolicy, Place
from agreements.services import set_policy
from agreements.tests.answering import (
    FROM_HERE,
    accept,
    administrator,
    agreement,
    asked,
    at_partner,
    everything,
    filled,
    opened,
)
from agreements.tests.factories import DocumentFactory, accepted_directly, confirmed, job_actor
from agreements.tests.invitation_factories import RequestInvitationFactory, disputed
from customers.models import Customer, CustomerUser
from customers.tests.factories import CustomerFactory
from portal.partners.models import Membership
from portal.partners.tests.factories import PartnerFactory, UserFactory


def words(client: Client, path: str = "/accept/") -> str:
    return client.get(path).content.decode()


@pytest.fixture
def second(customer: Customer) -> Customer:
    """The same company at another partner."""
    return CustomerFactory(tenant=customer.tenant, partner=PartnerFactory(name="Second Cloud"))


def test_a_link_shows_only_the_partner_that_sent_it(customer: Customer, second: Customer) -> None:
    asked(second)
    page = words(opened(asked(customer)))
    assert customer.partner.name in page
    assert "asks you to accept the Microsoft Customer Agreement" in page
    assert second.partner.name not in page


def test_the_administrator_sees_every_partner(customer: Customer, second: Customer) -> None:
    asked(customer)
    confirmed(second)
    third = CustomerFactory(tenant=customer.tenant, partner=PartnerFactory(name="Third Cloud"))
    gone = CustomerFactory(tenant=customer.tenant, partner=PartnerFactory(name="Gone"), removed_at=timezone.now())
    stranger = CustomerFactory(partner=PartnerFactory(name="Not ours"))
    page = words(administrator(customer.tenant))
    assert "asks you to accept the Microsoft Customer Agreement" in page
    assert "your acceptance was confirmed by this partner on" in page
    assert "the Microsoft Customer Agreement is not accepted yet" in page
    for partner in (customer.partner, second.partner, third.partner):
        assert partner.name in page
    for partner in (gone.partner, stranger.partner):
        assert partner.name not in page


def test_the_companys_own_acceptance_counts_for_all(customer: Customer, second: Customer) -> None:
    accepted_directly(customer)
    assert words(administrator(customer.tenant)).count("accepted on") == 2


def test_a_request_is_seen_in_the_browser_that_opened_its_link(customer: Customer) -> None:
    request = RequestInvitationFactory(partner__name="New Cloud")
    client = administrator(customer.tenant)
    assert "New Cloud" not in words(client)
    assert "asks to become your partner" in words(opened(request, client))


def test_where_the_partner_wants_it_at_microsoft(customer: Customer) -> None:
    policy = InvitationPolicy(place=Place.MICROSOFT)
    set_policy(
        by=job_actor(),
        partner=customer.partner,
        place=policy.place,
        valid_days=policy.valid_days,
        customer_days=policy.customer_days,
        staff_days=policy.staff_days,
    )
    asked(customer)
    page = words(administrator(customer.tenant), at_partner(customer.partner))
    assert "admin.microsoft.com" in page
    assert "Review the agreement" not in page


def test_the_companys_own_acceptance_in_dispute_is_not_accepted_over(customer: Customer) -> None:
    disputed(accepted_directly(customer))
    client = administrator(customer.tenant)
    assert "it is looked into" in words(client)
    assert "Review the agreement" not in words(client, at_partner(customer.partner))


def test_where_only_the_partners_word_is_in_dispute_the_company_may_accept(customer: Customer) -> None:
    disputed(confirmed(customer))
    client = administrator(customer.tenant)
    assert "Review the agreement" in words(client, at_partner(customer.partner))
    assert accept(client, customer.partner).headers["Location"] == at_partner(customer.partner, "receipt/")


def test_the_list_costs_the_same_for_many_partners(customer: Customer) -> None:
    client = administrator(customer.tenant)
    client.get("/accept/")

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/accept/").status_code == 200
        return len(captured)

    few = cost()
    for _ in range(10):
        asked(CustomerFactory(tenant=customer.tenant))
    assert cost() <= few


def test_nobody_is_asked_for_the_link_or_a_sign_in(client: Client, customer: Customer) -> None:
    page = words(client)
    assert "open the link in the message" in page
    assert "/accounts/login/?next=/accept/" in page
    for what in ("", "agreement/", "decline/", "receipt/"):
        assert client.get(at_partner(customer.partner, what)).headers["Location"] == "/accept/"


def test_a_member_is_told_that_these_pages_are_for_customers(
    sales_agent: Membership, client_of: Callable[[Membership], Client]
) -> None:
    assert "These pages are for customers." in words(client_of(sales_agent))


def test_another_partner_does_not_exist(customer: Customer, second: Customer) -> None:
    client = opened(asked(customer))
    before = everything()
    for what in ("", "agreement/", "decline/", "receipt/"):
        assert client.get(at_partner(second.partner, what)).status_code == 404
    for what in ("", "agreement/", "decline/", "reviewing/"):
        answer = client.post(at_partner(second.partner, what), {"reason": "x", "asked": str(customer.tenant_id)})
        assert answer.status_code == 404
    assert everything() == before
    strangers = CustomerFactory()
    assert administrator(customer.tenant).get(at_partner(strangers.partner)).status_code == 404


def test_only_texts_that_may_be_accepted_can_be_downloaded(customer: Customer, template: AgreementTemplate) -> None:
    client, document = opened(asked(customer)), template.documents.get(country="PL", language="pl-PL")
    document.file.storage.save(document.file.name, ContentFile(b"Umowa"))
    answer = client.get(f"/accept/documents/{document.public_id}/")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert b"".join(answer) == b"Umowa"
    other = template.documents.get(country="US")
    old = DocumentFactory(template__effective_on="2010-01-01", country="PL")
    for foreign in (other, old):
        assert client.get(f"/accept/documents/{foreign.public_id}/").status_code == 404
    assert Client().get(f"/accept/documents/{document.public_id}/").headers["Location"] == "/accept/"
    Invitation.objects.update(expires_at=timezone.now())
    assert client.get(f"/accept/documents/{document.public_id}/").status_code == 404


def test_a_member_in_the_same_browser_answers_for_nobody(
    customer: Customer, sales_agent: Membership, client_of: Callable[[Membership], Client]
) -> None:
    invitation = asked(customer)
    client = opened(invitation, client_of(sales_agent))
    typed = filled(agreement(client, customer.partner))
    assert "Nobody accepts in a customer's name here" in words(client, at_partner(customer.partner))
    before = everything()
    for what in ("", "agreement/", "decline/", "reviewing/"):
        answer = client.post(at_partner(customer.partner, what), {**typed, "reason": "x"})
        assert answer.status_code == 403
        assert "Sign out and go on" in answer.content.decode()
    assert everything() == before
    assert client.post("/accept/leave/", {"go_on": "1"}).headers["Location"] == "/accept/"
    assert "_auth_user_id" not in client.session
    assert customer.partner.name in words(client)


def test_staff_answer_for_nobody_either(customer: Customer) -> None:
    client = Client()
    staff = UserFactory(is_staff=True)
    client.force_login(staff, backend="allauth.account.auth_backends.AuthenticationBackend")
    opened(asked(customer), client)
    assert client.post(at_partner(customer.partner), {}).status_code == 403


def test_leaving_forgets_the_link(customer: Customer) -> None:
    client = opened(asked(customer))
    assert client.post("/accept/leave/").headers["Location"] == "/accept/"
    assert customer.partner.name not in words(client)


def test_leaving_signs_the_administrator_out(customer: Customer) -> None:
    client = administrator(customer.tenant)
    client.post("/accept/leave/")
    assert "_auth_user_id" not in client.session


def test_a_member_who_leaves_stays_signed_in(
    customer: Customer, sales_agent: Membership, client_of: Callable[[Membership], Client]
) -> None:
    client = opened(asked(customer), client_of(sales_agent))
    client.post("/accept/leave/")
    assert "_auth_user_id" in client.session
    assert "acceptance_links" not in client.session


def test_home_leads_the_administrator_here(customer: Customer) -> None:
    assert administrator(customer.tenant).get("/").headers["Location"] == "/accept/"


def test_the_password_that_was_passed_on_is_changed_first(customer: Customer) -> None:
    client = administrator(customer.tenant, must_change_password=True)
    for path in ("/", "/accept/", at_partner(customer.partner, "agreement/")):
        assert client.get(path).headers["Location"].startswith("/accounts/password/change/")
    old, new = "correct horse battery", "Zupełnie-nowe-hasło-1"
    typed = {"oldpassword": old, "password1": new, "password2": new}
    done = client.post("/accounts/password/change/", typed, follow=True)
    assert done.redirect_chain[-1][0] == "/accept/"
    assert customer.partner.name in done.content.decode()


def test_only_an_administrator_speaks_for_the_company(customer: Customer) -> None:
    client = administrator(customer.tenant)
    CustomerUser.objects.update(is_admin=False)
    assert client.get(at_partner(customer.partner)).headers["Location"] == "/accept/"
    assert customer.partner.name not in words(client)


def test_a_form_sent_after_the_sign_in_ended_waits_for_the_same_person(customer: Customer) -> None:
    asked(customer)
    client = administrator(customer.tenant)
    page = agreement(client, customer.partner)
    mark = page.content.decode().partition('name="typed_by" value="')[2].partition('"')[0]
    typed = filled(page, typed_by=mark, person__authority="Prokurent")
    client.logout()
    answer = client.post(at_partner(customer.partner, "agreement/"), typed, headers=FROM_HERE)
    assert answer.headers["Location"].startswith("/accounts/login/")
    user = customer.tenant.customer_users.get().user
    client.post("/accounts/login/", {"login": user.email, "password": "correct horse battery"})
    assert "Prokurent" in words(client, at_partner(customer.partner, "agreement/"))


def test_a_form_sent_after_the_link_was_forgotten_is_sent_again(customer: Customer) -> None:
    invitation = asked(customer)
    client = opened(invitation)
    typed = filled(agreement(client, customer.partner), person__authority="Prokurent")
    client.post("/accept/leave/")
    path = at_partner(customer.partner, "agreement/")
    page = client.post(path, typed, headers=FROM_HERE)
    assert page.status_code == 403
    assert page.context["action"] == path
    kept = dict(page.context["kept"])
    assert kept["person-authority"] == "Prokurent"
    opened(invitation, client)
    assert client.post(path, kept).headers["Location"] == at_partner(customer.partner, "receipt/")
