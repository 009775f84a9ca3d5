"""Posts that no page of ours sends are answered with words; nothing of them breaks a page."""

import json
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from customers.models import Customer
from customers.tests.test_autosave import typed
from customers.tests.test_new_customer import NEW
from portal.partners.models import Membership

ClientOf = Callable[[Membership], Client]
# Half of a letter that takes two: JSON can say it, no database keeps it.
HALF = "Ab \ud800"
ANSWERS = {
    "country": "PL",
    "company_name": "Łódź Sp. z o.o.",
    "address_line1": "ul. Piotrkowska 1",
    "city": "Łódź",
    "postal_code": "90-006",
    "registration_number": "5260250274",
    "first_name": "Ewa",
    "last_name": "Nowak",
    "email": "ewa@lodz.example",
    "phone": "+48221234567",
    "qualification": "education",
    "education_segment": "k12",
    "website": "https://www.school.example",
}


@pytest.mark.usefixtures("template")
def test_the_name_of_an_answer_with_a_nul(client_of: ClientOf, sales_agent: Membership) -> None:
    client, sent = client_of(sales_agent), {**typed(), "company-\x00x": "1", "action": "autosave"}
    answer = client.post(NEW, sent, headers={"X-Autosave": "1"})
    assert answer.status_code == 200
    assert client.get(answer.json()["url"]).status_code == 200


@pytest.mark.parametrize(
    ("page", "field"),
    [
        ("edit", "company_name"),
        ("edit", "address_line2"),
        ("bill_to", "last_name"),
        ("qualification", "website"),
        ("new_contact", "first_name"),
        ("contact", "last_name"),
    ],
)
def test_half_a_letter_as_the_other_version(
    client_of: ClientOf, admin_agent: Membership, customer: Customer, page: str, field: str
) -> None:
    of_contact = [customer.primary_contact_id] if page == "contact" else []
    url = reverse(f"customers:{page}", args=[customer.tenant_id, *of_contact])
    sent = {**ANSWERS, "version": str(customer.version), "reviewed": json.dumps({field: HALF})}
    answer = client_of(admin_agent).post(url, {**sent, f"choose-{field}": "theirs"})
    assert answer.status_code in (200, 302)
