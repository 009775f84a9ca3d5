"""The forms of New customer: what they ask by country, what they warn of, what they refuse."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from customers import addresses
from customers.forms import CompanyForm, ContactForm, NewCompanyForm, ResellerForm, answers, warnings
from customers.models import Customer, OnboardingDraft
from customers.tests.factories import TenantFactory
from customers.tests.test_new_customer import answers as typed_answers
from customers.tests.test_new_customer import submit
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import MembershipFactory, PartnerLinkFactory

ClientOf = Callable[[Membership], Client]
NEW = reverse("customers:new")

POLISH = {
    "country": "PL",
    "company_name": "Contoso Sp. z o.o.",
    "domain_prefix": "contoso",
    "address_line1": "ul. Prosta 1",
    "city": "Warszawa",
    "postal_code": "00-001",
    "registration_number": "526-025-02-74",
}


def company(country: str = "PL", **changed: str) -> CompanyForm:
    return CompanyForm({**POLISH, "country": country, **changed}, country=country)


def new_company(country: str = "PL", **changed: str) -> NewCompanyForm:
    return NewCompanyForm({**POLISH, "country": country, **changed}, country=country)


def test_the_registration_number_has_the_countrys_name_an_example_and_one_form() -> None:
    form = company()
    assert str(form["registration_number"].label) == "Tax number (NIP)"
    assert "526-025-02-74" in str(form["registration_number"].help_text)
    assert form.is_valid()
    assert form.company("pl-PL").registration_number == "5260250274"


@pytest.mark.parametrize(
    ("country", "is_asked", "is_required"), [("US", True, False), ("SE", False, False), ("PL", True, True)]
)
def test_where_a_registration_number_is_asked(country: str, is_asked: bool, is_required: bool) -> None:
    fields = CompanyForm(None, country=country).fields
    assert ("registration_number" in fields) is is_asked
    if is_asked:
        assert fields["registration_number"].required is is_required


def test_a_missing_or_a_persons_number_is_refused_in_words() -> None:
    assert company(registration_number="").errors["registration_number"] == ["Enter the tax number (NIP)"]
    assert (
        "a person's number must not be entered"
        in company(registration_number="44051401359").errors["registration_number"][0]
    )
    assert company("US", registration_number="", state="WA", postal_code="98052").is_valid()


def test_an_odd_name_is_accepted_and_warned_about() -> None:
    form = company(company_name="contoso.pl")
    assert form.is_valid()
    assert warnings(form) == [("Company name", "Make sure the name is correct: it looks like an internet address")]
    assert company().is_valid()
    assert warnings(company()) == []


def test_a_form_that_is_filled_anew_forgets_its_warnings() -> None:
    form = company(company_name="contoso.pl")
    assert form.is_valid()
    form.data = {**POLISH}
    form.full_clean()
    assert warnings(form) == []


def test_an_address_in_another_spelling_is_accepted_and_its_better_version_offered() -> None:
    form = company(postal_code="00001")
    assert form.is_valid()
    assert form.suggested_address() == [("Postal code", "00001", "00-001")]
    assert warnings(form) == [("Postal code", "Did you mean 00-001?")]
    assert warnings(form, besides=["postal_code"]) == []
    assert form.company("pl-PL").postal_code == "00001", "whoever typed it decides"


def test_a_state_is_suggested_in_words_and_taken_by_name() -> None:
    form = company("US", state="TX", postal_code="98052", registration_number="")
    assert form.is_valid()
    assert form.suggested_address() == [("State", "Texas", "Washington")]
    by_name = company("US", state="washington", postal_code="98052", registration_number="")
    assert by_name.is_valid()
    assert by_name.company("en-US").state == "WA"
    redrawn = CompanyForm(None, country="US", initial={"state": "Washington"})
    assert '<option value="WA" selected>' in str(redrawn["state"])


@pytest.mark.parametrize("name", ["address_line1", "address_line2", "city"])
@pytest.mark.parametrize("text", ["---", "😀", "Prosta\u202e1"])
def test_parts_of_an_address_can_be_read(name: str, text: str) -> None:
    assert name in company(**{name: text}).errors


def test_a_taken_domain_comes_with_free_ones(db: None) -> None:
    TenantFactory(domain="contoso.onmicrosoft.com")
    TenantFactory(domain="contoso1.onmicrosoft.com")
    refused = new_company().errors["domain_prefix"]
    assert refused == ["This domain is taken. Free now: contoso-pl, contoso2, contoso3"]


def test_no_answer_is_no_qualification(db: None) -> None:
    form = new_company()
    assert form.is_valid()
    assert form.cleaned_data["qualification"] == "none"
    assert "Education segment" not in dict(answers(form))


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"qualification": "education"}, {"education_segment"}),
        ({"qualification": "education", "education_segment": "k12", "website": "no"}, {"website"}),
        ({"qualification": "education", "education_segment": "k12"}, set()),
        ({"qualification": "education", "education_segment": "x"}, {"education_segment"}),
        ({"qualification": "state_owned_entity", "education_segment": "x", "website": "no"}, set()),
        ({"qualification": "royal"}, {"qualification"}),
    ],
)
def test_a_school_says_more_and_what_is_hidden_does_not_count(
    db: None, changed: dict[str, str], wrong: set[str]
) -> None:
    assert set(new_company(**changed).errors) == wrong


def test_a_schools_contact_has_an_address_of_its_own() -> None:
    said = {"first_name": "Ann", "last_name": "Lee", "email": "ann@gmail.com", "phone": ""}
    for qualification, is_fine in (("education", False), ("none", True), ("", True)):
        form = ContactForm(said, country="SE", partner_domain="", qualification=qualification)
        assert form.is_valid() is is_fine


def test_only_an_indirect_provider_chooses_one_of_its_resellers(
    client_of: ClientOf, provider: Partner, reseller_agent: Membership, sales_agent: Membership, template: Any
) -> None:
    other = PartnerLinkFactory(reseller__name="Another Reseller")
    form = ResellerForm({}, provider=provider)
    labels = [str(label) for _value, label in form.fields["reseller"].choices]
    assert labels == ["None: the provider's own customer", "Corner Reseller"]
    agent = MembershipFactory(partner=provider, roles=["sales_agent"])
    assert "Indirect reseller" in client_of(agent).get(NEW).content.decode()
    assert "Indirect reseller" not in client_of(sales_agent).get(NEW).content.decode()
    foreign = typed_answers(reseller__reseller=str(other.reseller.tenant_id))
    assert "Choose one of the listed answers" in client_of(agent).post(NEW, foreign).content.decode()


@pytest.mark.parametrize("is_chosen", [True, False])
def test_the_chosen_reseller_is_the_customers(
    client_of: ClientOf, provider: Partner, reseller_agent: Membership, template: Any, is_chosen: bool
) -> None:
    client = client_of(MembershipFactory(partner=provider, roles=["sales_agent"]))
    chosen = str(reseller_agent.partner.tenant_id) if is_chosen else ""
    review = client.post(NEW, typed_answers(reseller__reseller=chosen)).url
    shown = "Corner Reseller" if is_chosen else "the provider&#x27;s own customer"
    assert shown in client.get(review).content.decode()
    submit(client, review)
    assert Customer.objects.get().reseller == (reseller_agent.partner if is_chosen else None)


def test_a_qualification_is_asked_for_with_the_customer(
    client_of: ClientOf, sales_agent: Membership, template: Any
) -> None:
    client = client_of(sales_agent)
    said = {"qualification": "education", "education_segment": "k12", "website": "https://www.akeri.example"}
    typed = typed_answers(**{f"company__{name}": value for name, value in said.items()})
    submit(client, client.post(NEW, typed).url)
    made = Customer.objects.get()
    assert {name: getattr(made, name) for name in said} == said
    assert made.qualification_status == "in_review"
    assert made.qualification_asked_at is not None


def test_review_warns_offers_the_better_address_and_stops_nobody(
    client_of: ClientOf, sales_agent: Membership, template: Any
) -> None:
    client = client_of(sales_agent)
    odd = typed_answers(company__company_name="akeri.se", company__postal_code="11122")
    review = client.post(NEW, odd).url
    page = client.get(review).content.decode()
    assert "Company name: Make sure the name is correct" in page
    assert "Did you mean this address?" in page
    assert "<strong>111 22</strong>" in page
    draft = OnboardingDraft.objects.get()
    use = reverse("customers:use_suggested_address", args=[draft.pk])
    assert client.post(use).url == review
    draft.refresh_from_db()
    assert draft.data["account"]["company-postal_code"] == "111 22"
    assert draft.data["account"]["company-city"] == "Stockholm"
    assert "Did you mean" not in client.get(review).content.decode()
    submit(client, review)
    assert Customer.objects.get().postal_code == "111 22"


def test_the_better_address_undoes_nothing_of_another_window(
    client_of: ClientOf, sales_agent: Membership, template: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(sales_agent)
    client.post(NEW, typed_answers(company__postal_code="11122"))
    draft, suggestion = OnboardingDraft.objects.get(), addresses.suggestion
    page = reverse("customers:draft", args=[draft.pk])

    def while_the_other_window_saves(*said: Any) -> Any:
        monkeypatch.setattr(addresses, "suggestion", suggestion)
        client.post(page, typed_answers(company__company_name="Saved meanwhile AB", company__postal_code="11122"))
        return suggestion(*said)

    monkeypatch.setattr(addresses, "suggestion", while_the_other_window_saves)
    answer = client.post(reverse("customers:use_suggested_address", args=[draft.pk]), follow=True)
    assert "changed in another window" in answer.content.decode()
    draft.refresh_from_db()
    assert draft.data["account"]["company-company_name"] == "Saved meanwhile AB"


def test_keeping_the_address_is_doing_nothing(client_of: ClientOf, sales_agent: Membership, template: Any) -> None:
    client = client_of(sales_agent)
    submit(client, client.post(NEW, typed_answers(company__postal_code="11122")).url)
    assert Customer.objects.get().postal_code == "11122"
    late = client.post(reverse("customers:use_suggested_address", args=[OnboardingDraft.objects.get().pk]))
    assert late.status_code == 302
    assert Customer.objects.get().postal_code == "11122"


def test_review_names_the_customers_like_this_one(
    client_of: ClientOf, sales_agent: Membership, template: Any
) -> None:
    client = client_of(sales_agent)
    submit(client, client.post(NEW, typed_answers()).url)
    again = client.post(NEW, typed_answers(company__domain_prefix="akeri2")).url
    page = client.get(again).content.decode()
    assert "You may have this customer already" in page
    assert "Same name" in page
    account = client.get(reverse("customers:draft", args=[OnboardingDraft.objects.get(customer=None).pk]))
    assert "You may have this customer already" in account.content.decode(), "without JavaScript too"
