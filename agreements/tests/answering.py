"""A customer's browser: opens a link or signs in, and sends the pages' own forms."""

import hashlib
from typing import Any
from urllib.parse import urlsplit

from django.db import connection
from django.test import Client

from agreements.links import link_of
from agreements.models import Attestation, Invitation, Receipt
from agreements.tests.factories import invited
from customers.models import Customer, CustomerUser, Tenant
from orders.models import Order
from portal.partners.models import Partner

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
# A page of the portal sent the form: what was typed is kept.
FROM_HERE = {"origin": "http://testserver"}
# What a browser's visits fill by themselves: who was there, and how often wrong links were tried.
OF_VISITS = ("django_session", "portal_cache")


def asked(customer: Customer, **changed: str) -> Invitation:
    """The customer's invitation, in English."""
    return invited(customer, **{"language": "en-US", **changed})


def path_of(invitation: Invitation) -> str:
    return urlsplit(link_of(invitation)).path


def at_partner(partner: Partner, what: str = "") -> str:
    return f"/accept/partners/{partner.tenant_id}/{what}"


def opened(invitation: Invitation, client: Client | None = None) -> Client:
    """A browser in which the invitation's link was opened."""
    client = client or Client()
    assert client.get(path_of(invitation)).status_code == 302
    return client


def administrator(tenant: Tenant, *, must_change_password: bool = False) -> Client:
    """A browser in which the company's administrator is signed in."""
    user = CustomerUser.objects.get(tenant=tenant, is_admin=True).user
    user.must_change_password = must_change_password
    user.save()
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def agreement(client: Client, partner: Partner, **query: str) -> Any:
    """The page with the agreement, shown."""
    page = client.get(at_partner(partner, "agreement/"), query)
    assert page.status_code == 200
    return page


def filled(page: Any, **changed: str) -> dict[str, str]:
    """What the page's form sends when everything is answered. changed: answers by name, with `__` for the hyphen."""
    shown = page.context["page"].shown
    answers = {
        "asked": page.context["card"].key,
        "shown": str(shown.public_id) if shown else "",
        "person-language": shown.language if shown else "",
        "person-first_name": "Zofia",
        "person-last_name": "Wiśniewska",
        "person-authority": "Prezes zarządu",
        "person-phone": "",
        "person-agrees": "on",
    }
    if "email" in page.context["page"].statement.fields:
        answers["person-email"] = "zofia@customer.example"
    return answers | {name.replace("__", "-"): value for name, value in changed.items()}


def accept(client: Client, partner: Partner, **changed: str) -> Any:
    """Read, tick and accept; the answer to the form."""
    typed = filled(agreement(client, partner), **changed)
    return client.post(at_partner(partner, "agreement/"), typed, headers=FROM_HERE)


def errors(page: Any) -> list[str]:
    return [message for form in page.context["forms"] for problem in form.errors.values() for message in problem]


def everything() -> dict[str, str]:
    """Table -> digest of all its rows, without what mere visits leave behind."""
    digests = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table in OF_VISITS:
                continue
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608 - the database's own name
            rows = sorted(repr(row) for row in cursor.fetchall())
            digests[table] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return digests


def stored_text() -> str:
    """Every value of every row of every table: nothing secret may be in it."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608 - as above
            found += [repr(row) for row in cursor.fetchall()]
    return "\n".join(found)


def counts() -> tuple[int, int, int]:
    """(records, receipts, orders): what an answer may make."""
    return Attestation.objects.count(), Receipt.objects.count(), Order.objects.count()
