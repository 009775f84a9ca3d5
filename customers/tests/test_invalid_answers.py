"""Scenario W5: every field of New customer with every kind of invalid answer, one at a time.

The error summary is complete and its links lead to fields that are there; every other answer stays, those of lists
and choices included; nothing breaks. Where an answer of a kind is a right one (an emoji in a name), it is accepted.
"""

import html
import re
import uuid
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.urls import reverse

from customers.models import Customer, OnboardingDraft
from customers.tests.test_new_customer import answers
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import MembershipFactory

ClientOf = Callable[[Membership], Client]
NEW = reverse("customers:new")

pytestmark = [pytest.mark.usefixtures("template"), pytest.mark.scenario("W5")]

INVALID = {
    "empty": "",
    "blanks": " \t\u00a0 ",
    "too long": "a" * 100_000,
    "other script": "Жук",
    "signs": "!?-/",
    "nul": "a\x00\x00",
    "only nul": "\x00",
    "emoji": "😀",
    "turned": "a\u202eb\u2066",
    "lines": "a\nb",
    "markup": "<b id='x'>\"&",
}
# A Polish school whose contact did not sign: every field of the page counts.
FILLED = answers(
    company__country="PL",
    company__city="Warszawa",
    company__postal_code="00-001",
    company__address_line2="lok. 7",
    company__registration_number="5260250274",
    company__qualification="education",
    company__education_segment="k12",
    company__website="https://www.akeri.example",
    contact__phone="22 123 45 67",
    reseller__reseller="",
    acceptance__signer="other",
    acceptance__first_name="Ola",
    acceptance__last_name="Nordmann",
    acceptance__email="ola@akeri.example",
    acceptance__phone="22 123 45 68",
    acceptance__language="en-US",
    acceptance__evidence_kind="other",
    acceptance__evidence_note="A letter of 3 May",
)
FIELDS = [name for name in FILLED if name != "draft_key"]
CHOICES = (
    "company-country",
    "company-qualification",
    "company-education_segment",
    "reseller-reseller",
    "agreement-choice",
    "acceptance-signer",
    "acceptance-evidence_kind",
    "acceptance-language",
)
TEXTS = [name for name in FIELDS if name not in CHOICES]
# Which kinds of answers each text field takes. Everywhere else there is a message.
BLANK = {"empty", "blanks", "only nul"}
NAMES = {"other script", "nul", "markup"}
ACCEPTED: dict[str, set[str]] = {
    "company-company_name": {"other script", "markup"},
    "company-domain_prefix": {"nul"},
    "company-address_line1": NAMES,
    "company-address_line2": NAMES | BLANK,
    "company-city": NAMES,
    "company-website": BLANK,
    "contact-first_name": NAMES,
    "contact-last_name": NAMES,
    "acceptance-first_name": NAMES,
    "acceptance-last_name": NAMES,
    "acceptance-phone": BLANK,
    "acceptance-evidence_note": {"other script", "signs", "nul", "emoji", "turned", "lines", "markup"},
}


class Page(HTMLParser):
    """What a person finds on a page: ids, values of fields, links of the error summary, messages at fields."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.values: dict[str, str] = {}
        self.invalid: set[str] = set()
        self._select = self._area = ""
        self.feed(text)
        summary = re.search(r'<div class="error-summary".*?</ul>', text, re.DOTALL)
        links = re.findall(r'<li><a href="#([^"]+)">(.*?)</a></li>', summary[0]) if summary else []
        self.links = [(html.unescape(to), html.unescape(words)) for to, words in links]
        self.entries = summary[0].count("<li>") if summary else 0
        messages = re.findall(r'<div class="field-error"[^>]*>(.*?)</div>', text, re.DOTALL)
        self.messages = [html.unescape(said) for box in messages for said in re.findall(r"<span>(.*?)</span>", box)]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if "id" in said:
            self.ids.append(said["id"])
        name = said.get("name", "")
        if said.get("aria-invalid") == "true":
            self.invalid.add(name)
        if tag == "input" and (said.get("type") not in ("radio", "checkbox") or "checked" in said):
            self.values[name] = said.get("value", "")
        elif tag == "select":
            self._select = name
        elif tag == "option" and "selected" in said:
            self.values[self._select] = said.get("value", "")
        elif tag == "textarea":
            self._area, self.values[name] = name, ""

    def handle_data(self, data: str) -> None:
        if self._area:
            # The line break right after the tag belongs to the markup.
            self.values[self._area] += data.removeprefix("\n").removeprefix("\r\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""


@pytest.fixture
def client(client_of: ClientOf, provider: Partner) -> Client:
    """Of an indirect provider's sales agent, who is asked everything."""
    return client_of(MembershipFactory(partner=provider, roles=["sales_agent"]))


def check(page: Page, sent: dict[str, str], changed: str) -> None:
    """The summary names every message once, its links lead to fields, and all else is as it was sent."""
    assert page.entries == len(page.links), "every entry leads to a field"
    assert sorted(words for _to, words in page.links) == sorted(page.messages)
    for target, _words in page.links:
        assert page.ids.count(target) == 1, f"#{target} is on the page once"
    kept = {name: page.values.get(name, "") for name in FIELDS if name != changed}
    assert kept == {name: sent[name] for name in kept}


def test_the_filled_page_is_right(client: Client) -> None:
    """The negative control: without an invalid answer there is nothing to complain of."""
    response = client.post(NEW, FILLED)
    assert response.status_code == 302
    assert "/review/" in response.url


@pytest.mark.parametrize("field", TEXTS)
def test_every_text_with_every_kind_of_invalid_answer(client: Client, field: str) -> None:
    for kind, text in INVALID.items():
        sent = {**FILLED, "draft_key": str(uuid.uuid4()), field: text}
        response = client.post(NEW, sent)
        if kind in ACCEPTED.get(field, set()):
            assert response.status_code == 302, f"{field} takes {kind}"
            continue
        assert response.status_code == 200, f"{field} refuses {kind}"
        page = Page(response.content.decode())
        assert any(target == f"id_{field}" for target, _words in page.links), f"{field} says so of {kind}"
        assert field in page.invalid, f"{field} is marked for {kind}"
        check(page, sent, field)
    assert not Customer.objects.exists()


# What is chosen by default, or need not be chosen.
MAY_BE_EMPTY = {"company-qualification", "reseller-reseller"}


@pytest.mark.parametrize("field", CHOICES)
def test_every_choice_with_answers_that_are_not_on_the_list(client: Client, field: str) -> None:
    for kind in ("empty", "too long", "emoji", "turned", "markup"):
        sent = {**FILLED, "draft_key": str(uuid.uuid4()), field: INVALID[kind]}
        response = client.post(NEW, sent)
        if kind == "empty" and field in MAY_BE_EMPTY:
            assert response.status_code == 302, f"{field} may be empty"
            continue
        assert response.status_code == 200, f"{field} refuses {kind}"
        page = Page(response.content.decode())
        assert page.links, f"{field} says so of {kind}"
        # Without a country there is no registration number to ask for; it stays in the draft.
        number = "company-registration_number"
        unasked = {number: ""} if field == "company-country" and number not in page.values else {}
        check(page, sent | unasked, field)
        typed = OnboardingDraft.objects.get(pk=sent["draft_key"]).data["account"]
        assert typed | {field: ""} == {name: sent[name] for name in FIELDS} | {field: ""}


def test_everything_wrong_at_once_lists_everything(client: Client) -> None:
    sent = {**FILLED, **dict.fromkeys(TEXTS, "\u202e"), "company-education_segment": "x"}
    page = Page(client.post(NEW, sent).content.decode())
    assert len(page.links) >= len(TEXTS)
    check(page, {**sent, **{name: page.values.get(name, "") for name in TEXTS}}, "company-education_segment")
