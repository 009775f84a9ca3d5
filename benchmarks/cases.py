"""What is measured: one page of the portal, and the floor's page with the same rows."""

import itertools
import json
import re
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from benchmarks.browser import Answer, Browser
from benchmarks.names import COMMON, RARE
from benchmarks.seed import Seeded

# One request, ready to be sent: its answer is what is timed.
Request = Callable[[Browser], Answer]
LINK = re.compile(r"/([0-9a-f]{8}-[0-9a-f-]{27})/")


@dataclass(frozen=True)
class Case:
    """portal, floor: prepare the next request, untimed; has_rows: both answers list the same customers;
    status: what both answer.
    """

    key: str
    title: str
    portal: Callable[[Browser], Request]
    floor: Callable[[Browser], Request]
    has_rows: bool = True
    is_write: bool = False
    status: int = 200


def cases(seeded: Seeded) -> list[Case]:
    ids = itertools.cycle(seeded.shown)
    twins = itertools.cycle(seeded.shown)
    return [
        Case("list", "List, first page", _same("/customers/"), _same("/list/")),
        Case(
            "deep",
            "List, deep page (at 95 %)",
            _same(f"/customers/?after={seeded.deep}"),
            _same(f"/list/?after={seeded.deep}"),
        ),
        Case("rare", f"Search, rare term (“{RARE}”)", _search(RARE), _same(f"/search/?q={RARE}")),
        Case("common", f"Search, common term (“{COMMON}”)", _search(COMMON), _same(f"/search/?q={COMMON}")),
        Case(
            "account",
            "Account info",
            lambda browser: _get(f"/customers/{next(ids)}/account/"),
            lambda browser: _get(f"/account/{next(twins)}/"),
            has_rows=False,
        ),
        Case(
            "api",
            "API, 500 customers in one answer",
            lambda browser: _get("/v1/customers?size=500", Authorization=f"Bearer {seeded.token}"),
            _same("/v1/customers/"),
        ),
        Case("create", "New customer, Submit", _submit, _floor_create, has_rows=False, is_write=True),
    ]


def _get(path: str, **headers: str) -> Request:
    return lambda browser: browser.get(path, **headers)


def _same(path: str) -> Callable[[Browser], Request]:
    """The same page every time."""
    return lambda browser: _get(path)


def _search(text: str) -> Callable[[Browser], Request]:
    """The page of hits. Posting what is searched for, which leads to its address, is prepared once."""
    known: list[str] = []

    def prepare(browser: Browser) -> Request:
        if not known:
            answer = browser.post("/customers/search/", {"q": text})
            if answer.status != 302:
                sys.exit(f"Search did not lead to the list but to status {answer.status}.")
            known.append(answer.location)
        return _get(known[0])

    return prepare


def _numbers() -> Iterator[str]:
    """Never the same twice, over all runs on one database."""
    run = uuid.uuid4().hex[:8]
    return (f"{run}{n}" for n in itertools.count())


_number = _numbers()


def _submit(browser: Browser) -> Request:
    """A whole New customer up to Review: Submit makes tenant, administrator, customer, contact, acceptance, chain
    entry and activity log, and answers the page with the administrator's first password.
    """
    number = next(_number)
    page = browser.get("/customers/new/")
    typed = {
        "draft_key": page.hidden("draft_key"),
        "partner": page.hidden("partner"),
        "company-country": "SE",
        "company-company_name": f"Åkeri Öst {number} AB",
        "company-domain_prefix": f"akeri{number}",
        "company-address_line1": "Storgatan 1",
        "company-city": "Stockholm",
        "company-postal_code": "111 22",
        "contact-first_name": "Åsa",
        "contact-last_name": "Öberg",
        "contact-email": f"asa{number}@akeri.example",
        "contact-phone": "",
        "agreement-choice": "accepted",
        "acceptance-agreed_on": date(2026, 1, 15).isoformat(),
        "acceptance-signer": "contact",
        "acceptance-evidence_kind": "email",
        "acceptance-language": "en-US",
    }
    answer = browser.post("/customers/new/", typed)
    if answer.status != 302:
        sys.exit(f"New customer did not lead to Review:\n{_problems(answer)}")
    review = browser.get(answer.location)
    sent = {name: review.hidden(name) for name in ("partner", "submit_key", "reviewed")}
    path = answer.location
    return lambda browser: browser.post(path, sent)


def _problems(answer: Answer) -> str:
    found = re.findall(r'class="[^"]*(?:error|invalid)[^"]*"[^>]*>([^<]+)<', answer.text)
    return "\n".join(found) or f"status {answer.status}"


def _floor_create(browser: Browser) -> Request:
    number = next(_number)
    sent = {
        "name": f"Åkeri Öst {number} AB",
        "domain": f"akeri{number}.onmicrosoft.com",
        "email": f"asa{number}@akeri.example",
    }
    return lambda browser: browser.post("/create/", sent)


def listed(answer: Answer) -> list[str]:
    """The customers that a page or an answer of the API lists, each once, in its order."""
    if answer.body.startswith(b"{"):
        return [item["id"] for item in json.loads(answer.body)["items"]]
    return list(dict.fromkeys(LINK.findall(answer.text)))
