"""A form sent after the session was lost waits on the server for the person who typed it, and for nobody else."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.template import engines
from django.test import Client, RequestFactory
from django.urls import reverse

from agreements.models import Attestation
from customers.models import Customer
from portal.common.kept_forms import MOST_BYTES, SESSION_KEY, mark_of
from portal.common.sealed import seal
from portal.partners.models import Membership, User
from portal.partners.tests.factories import PASSWORD, UserFactory

HERE = {"Origin": "http://testserver"}
SIGN_IN = reverse("account_login")
Browser = Callable[[Membership], Client]


@pytest.fixture
def confirm(customer: Customer) -> str:
    return reverse("agreements:confirm", args=[customer.tenant_id])


def typed_by(member: Membership, **more: str) -> dict[str, str]:
    return {
        "typed_by": mark_of(member.user),
        "agreed_on": "2024-05-06",
        "evidence_kind": "email",
        "evidence_note": 'Żółć "& Co"',
        "signer": "contact",
        "language": "pl-PL",
        **more,
    }


def sign_in(client: Client, member: Membership, path: str) -> Any:
    return client.post(SIGN_IN, {"login": member.user.email, "password": PASSWORD, "next": path}, follow=True)


@pytest.mark.scenario("W2")
def test_the_same_person_sends_it_with_one_click(sales_agent: Membership, confirm: str) -> None:
    client = Client()
    sent = client.post(confirm, typed_by(sales_agent), headers=HERE)
    assert sent.status_code == 302
    assert sent.url == f"{SIGN_IN}?next={confirm}"
    assert "nothing is lost" in client.get(sent.url).content.decode()
    page = sign_in(client, sales_agent, confirm)
    assert page.redirect_chain[-1][0] == confirm
    assert "You are signed in again" in page.content.decode()
    assert 'name="evidence_note" value="Żółć &quot;&amp; Co&quot;"' in page.content.decode()
    assert "You are signed in again" in client.get(confirm).content.decode()  # loading it again loses nothing
    again = dict(page.context["kept"])
    assert client.post(confirm, again, headers=HERE).status_code == 302
    assert Attestation.objects.get().person.evidence_note == 'Żółć "& Co"'
    assert SESSION_KEY not in client.session
    assert "You are signed in again" not in client.get(confirm).content.decode()


@pytest.mark.scenario("W2")
def test_another_person_sees_nothing_of_it_and_it_is_gone(
    sales_agent: Membership, admin_agent: Membership, confirm: str
) -> None:
    client = Client()
    client.post(confirm, typed_by(sales_agent), headers=HERE)
    page = sign_in(client, admin_agent, confirm)
    assert "Żółć" not in page.content.decode()
    assert "signed in again" not in page.content.decode()
    assert SESSION_KEY not in client.session
    client.logout()
    assert "Żółć" not in sign_in(client, sales_agent, confirm).content.decode()


def test_it_is_gone_even_before_the_other_person_comes_to_that_page(
    sales_agent: Membership, admin_agent: Membership, confirm: str
) -> None:
    client = Client()
    client.post(confirm, typed_by(sales_agent), headers=HERE)
    sign_in(client, admin_agent, "/")
    assert SESSION_KEY not in client.session


@pytest.mark.parametrize("ended", ["the row is gone", "the password changed", "no cookie"])
def test_however_the_session_ended(
    client_of: Browser, sales_agent: Membership, admin_agent: Membership, confirm: str, ended: str
) -> None:
    """login() keeps the data of an anonymous session and empties one that was another person's."""
    client = client_of(sales_agent)
    client.get(confirm)
    if ended == "the row is gone":
        Session.objects.all().delete()
    elif ended == "no cookie":
        client.cookies.clear()
    else:
        user = User.objects.get(pk=sales_agent.user.pk)
        user.set_password(PASSWORD)
        user.save()
    client.post(confirm, typed_by(sales_agent), headers=HERE)
    assert client.session[SESSION_KEY]["by"] == str(sales_agent.user.pk)
    assert "Żółć" in sign_in(client, sales_agent, confirm).content.decode()


def test_a_session_of_somebody_shut_out_is_emptied_by_the_next_sign_in(
    client_of: Browser, sales_agent: Membership, admin_agent: Membership, confirm: str
) -> None:
    client = client_of(sales_agent)
    User.objects.filter(pk=sales_agent.user.pk).update(is_active=False)
    client.post(confirm, typed_by(sales_agent), headers=HERE)
    assert "Żółć" not in sign_in(client, admin_agent, confirm).content.decode()
    assert SESSION_KEY not in client.session


def test_it_can_be_thrown_away(sales_agent: Membership, confirm: str) -> None:
    client = Client()
    client.post(confirm, typed_by(sales_agent), headers=HERE)
    page = sign_in(client, sales_agent, confirm)
    sent = {**dict(page.context["kept"]), "drop_kept_form": "1"}
    assert client.post(confirm, sent, headers=HERE).status_code == 302
    assert not Attestation.objects.exists()
    assert SESSION_KEY not in client.session


def test_two_tabs_keep_both(sales_agent: Membership, customer: Customer, confirm: str) -> None:
    client, edit = Client(), reverse("customers:edit", args=[customer.tenant_id])
    client.post(confirm, typed_by(sales_agent), headers=HERE)
    client.post(edit, typed_by(sales_agent, company_name="Second tab"), headers=HERE)
    assert "Żółć" in sign_in(client, sales_agent, confirm).content.decode()
    assert set(client.session[SESSION_KEY]["forms"]) == {confirm, edit}
    client.post(confirm, {}, headers=HERE)
    assert set(client.session[SESSION_KEY]["forms"]) == {edit}


def test_two_forms_of_one_address_are_both_there_afterwards(sales_agent: Membership) -> None:
    client, new = Client(), reverse("customers:new")
    first = typed_by(sales_agent, draft_window="1", **{"company-company_name": "First AB"})
    second = typed_by(sales_agent, draft_window="2", **{"company-company_name": "Second AB"})
    assert client.post(new, first, headers=HERE).status_code == 302
    other = client.post(new, second, headers=HERE)
    assert other.status_code == 403
    assert 'value="Second AB"' in other.content.decode()
    # The first one again, put right meanwhile with Back.
    assert client.post(new, {**first, "company-city": "Malmö"}, headers=HERE).status_code == 302
    page = sign_in(client, sales_agent, new).content.decode()
    assert ("First AB" in page, "Malmö" in page) == (True, True)


def test_a_session_does_not_grow_with_forms_of_nothing(sales_agent: Membership) -> None:
    client, mark = Client(), {"typed_by": mark_of(sales_agent.user)}
    paths = [f"/orders/{'x' * 4000}{number}/" for number in range(MOST_BYTES // 4000 + 1)]
    answers = [client.post(path, mark, headers=HERE).status_code for path in paths]
    assert answers[-1] == 403


@pytest.mark.parametrize("headers", [{}, {"Origin": "https://evil.example"}, {"Origin": "null"}])
def test_another_sites_form_is_not_kept(sales_agent: Membership, confirm: str, headers: dict[str, str]) -> None:
    client = Client()
    assert client.post(confirm, typed_by(sales_agent), headers=headers).status_code == 302
    assert SESSION_KEY not in client.session


@pytest.mark.parametrize("mark", ["", "forged", seal("1", purpose="another one")], ids=["none", "forged", "other"])
def test_a_form_that_names_nobody_is_not_kept(customer: Customer, confirm: str, mark: str) -> None:
    client = Client()
    response = client.post(confirm, {"typed_by": mark, "evidence_note": "Re: MCA"}, headers=HERE)
    assert response.status_code == 403
    assert 'value="Re: MCA"' in response.content.decode()
    assert SESSION_KEY not in client.session


def test_what_is_too_long_to_keep_comes_back_in_the_page(sales_agent: Membership, confirm: str) -> None:
    client = Client()
    response = client.post(confirm, typed_by(sales_agent, evidence_note="ż" * MOST_BYTES), headers=HERE)
    assert response.status_code == 403
    assert "ż" * MOST_BYTES in response.content.decode()
    assert SESSION_KEY not in client.session


def test_secrets_and_tokens_are_not_kept(sales_agent: Membership, confirm: str) -> None:
    client = Client()
    client.post(confirm, typed_by(sales_agent, csrfmiddlewaretoken="old"), headers=HERE)
    names = {name for name, _value in client.session[SESSION_KEY]["forms"][confirm]["fields"]}
    assert names.isdisjoint({"csrfmiddlewaretoken", "typed_by"})
    other = Client()
    other.post(confirm, typed_by(sales_agent, oldpassword="never-kept"), headers=HERE)
    assert SESSION_KEY not in other.session


def test_who_must_choose_a_password_first_gets_to_it_afterwards(sales_agent: Membership, confirm: str) -> None:
    client = Client()
    client.post(confirm, typed_by(sales_agent), headers=HERE)
    User.objects.filter(pk=sales_agent.user.pk).update(must_change_password=True)
    page = sign_in(client, sales_agent, confirm)
    assert page.redirect_chain[-1][0].startswith(reverse("account_change_password"))
    User.objects.filter(pk=sales_agent.user.pk).update(must_change_password=False)
    assert "Żółć" in client.get(confirm).content.decode()


def test_every_form_says_who_typed_it(db: None) -> None:
    user = UserFactory()
    draw = engines["django"].from_string("<form>{% csrf_token %}</form>")
    request = RequestFactory().get("/")
    request.user = user
    assert 'name="typed_by"' in draw.render({}, request)
    assert 'name="csrfmiddlewaretoken"' in draw.render({}, request)
    request.user = type("Nobody", (), {"is_authenticated": False})()
    assert 'name="typed_by"' not in draw.render({}, request)


@pytest.mark.scenario("W7")
def test_a_stale_token_shows_nothing_of_another_persons_words(
    client_of: Browser, sales_agent: Membership, admin_agent: Membership, confirm: str
) -> None:
    client = client_of(admin_agent)
    client.handler.enforce_csrf_checks = True
    theirs = client.post(confirm, typed_by(sales_agent), headers=HERE)
    assert theirs.status_code == 403
    assert "Żółć" not in theirs.content.decode()
    own = client.post(confirm, typed_by(admin_agent), headers=HERE)
    assert "Żółć" in own.content.decode()
