"""The writes of an order: what is timed is the submit, not the pages before it."""

import itertools
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from uuid import UUID

from benchmarks.browser import Answer, Browser
from benchmarks.cases import Case, Request
from benchmarks.seed_orders import SeededOrders, filled_cart

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
AGREED_ON = "2026-01-15"
PERSON = {"first_name": "Åsa", "last_name": "Öberg", "email": "asa@akeri.example"}


def ordering_cases(seeded: SeededOrders) -> list[Case]:
    """Each answers with a redirect."""
    covered, twins = itertools.cycle(seeded.covered), itertools.cycle(seeded.covered)
    fresh = iter(seeded.not_covered)
    # One counter for both sides, so that each change of a subscription is one upwards.
    changes = _counts(seeded)
    sold = str(seeded.availability.public_id)
    write = {"has_rows": False, "is_write": True, "status": 302}
    return [
        Case(
            "order",
            "Place order, Submit",
            lambda browser: _submit(browser, seeded, next(covered)),
            lambda browser: _post("/order/", {"customer": str(next(twins)), "availability": sold, "quantity": "5"}),
            **write,
        ),
        Case(
            "confirm_and_order",
            "Confirm inside the order, then Submit",
            lambda browser: _confirm_and_submit(browser, seeded, next(fresh)),
            lambda browser: _floor_confirm_and_submit(str(next(fresh)), sold),
            **write,
        ),
        Case(
            "licences",
            "Change a licence count",
            lambda browser: _change(browser, *next(changes)),
            lambda browser: _floor_change(*next(changes)),
            **write,
        ),
    ]


def _post(path: str, form: dict[str, str]) -> Request:
    return lambda browser: browser.post(path, form)


def hidden_fields(page: Answer) -> dict[str, str]:
    """Every hidden field of a page; where forms repeat one, the last wins."""
    return {name: unescape(value) for name, value in HIDDEN.findall(page.text)}


def _ready(browser: Browser, path: str) -> dict[str, str]:
    """What Review sends."""
    page = browser.get(path)
    if page.status != 200:
        sys.exit(f"Review answered {page.status} {page.location}")
    return {**hidden_fields(page), "is_attested": "on"}


def _review(cart: UUID) -> str:
    return f"/orders/new/{cart}/review/"


def _submit(browser: Browser, seeded: SeededOrders, customer: UUID) -> Request:
    """Under the locks: gate, prices, order, line, subscription, history, month, search words, activity log."""
    path = _review(filled_cart(seeded.by, customer, seeded.availability).pk)
    return _post(path, _ready(browser, path))


def _confirm_and_submit(browser: Browser, seeded: SeededOrders, customer: UUID) -> Request:
    """Both submits are timed; the look at Review between them is not, except that eight clients wait for it."""
    cart = filled_cart(seeded.by, customer, seeded.availability).pk
    prompt = f"/orders/new/{cart}/agreement/"
    said = {"agreed_on": AGREED_ON, "signer": "contact", "evidence_kind": "email", "language": "en-US"}
    form = {**hidden_fields(browser.get(prompt)), **said}

    def send(browser: Browser) -> Answer:
        confirmed = browser.post(prompt, form)
        if confirmed.status != 302:
            sys.exit(f"The prompt answered {confirmed.status}")
        ordered = browser.post(_review(cart), _ready(browser, _review(cart)))
        return _together(confirmed, ordered)

    return send


def _together(first: Answer, last: Answer) -> Answer:
    """The last answer, with what both took."""
    return replace(last, seconds=first.seconds + last.seconds, statements=first.statements + last.statements)


def _floor_confirm_and_submit(customer: str, sold: str) -> Request:
    def send(browser: Browser) -> Answer:
        confirmed = browser.post("/confirm/", {"customer": customer, "agreed_on": AGREED_ON, **PERSON})
        ordered = browser.post("/order/", {"customer": customer, "availability": sold, "quantity": "5"})
        return _together(confirmed, ordered)

    return send


def _counts(seeded: SeededOrders) -> Iterator[tuple[UUID, UUID, int]]:
    """(customer, subscription, licence count), each subscription with ever more licences."""
    pairs = list(zip(seeded.covered, seeded.subscriptions, strict=True))
    return ((*pair, count) for count in itertools.count(6) for pair in pairs)


def _change(browser: Browser, customer: UUID, subscription: UUID, count: int) -> Request:
    path = f"/subscriptions/{subscription}/licences/"
    form = {**hidden_fields(browser.get(path)), "quantity": str(count), "reason": "customer_asked"}
    return _post(path, form)


def _floor_change(customer: UUID, subscription: UUID, count: int) -> Request:
    return _post("/licences/", {"customer": str(customer), "subscription": str(subscription), "quantity": str(count)})
