"""The whole procedure by API, with Python's standard library alone: from the agreement to a changed licence count.

    PORTAL_URL=https://portal.example TENANT=northwind.example CLIENT_ID=... CLIENT_SECRET=... REFRESH_TOKEN=... \
        python api_client.py --domain kwiaty --first-name Ada --last-name Vinter --email ada@kwiaty.example

CLIENT_ID and CLIENT_SECRET: an API client of Settings > API clients that may sign in by itself (app-only).
REFRESH_TOKEN: of a person who consented to it once (App+User, see api.md); the agreement calls need a person.
"""

import argparse
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

PORTAL = os.environ.get("PORTAL_URL", "http://127.0.0.1:8000").rstrip("/")
MCA = "MicrosoftCustomerAgreement"
ADDRESS = {
    "addressLine1": "1 Microsoft Way",
    "city": "Redmond",
    "state": "WA",
    "postalCode": "98052",
    "country": "US",
}
MARKET = f"country={ADDRESS['country']}"


class Refused(Exception):
    """The status and what the API says, with its number: 13605 for an order without the customer's acceptance."""


def get_token(**grant: str) -> str:
    """An access token, for an hour."""
    scope = "https://api.partnercenter.microsoft.com/.default"
    client = {"client_id": os.environ["CLIENT_ID"], "client_secret": os.environ["CLIENT_SECRET"]}
    form = urllib.parse.urlencode(client | {"scope": scope} | grant).encode()
    with urllib.request.urlopen(f"{PORTAL}/{os.environ['TENANT']}/oauth2/v2.0/token", form, timeout=60) as answer:
        return str(json.load(answer)["access_token"])


class PartnerCenter:
    """Calls below /v1 with one token."""

    def __init__(self, token: str) -> None:
        self.token = token

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """The answer's JSON, None where there is none. Raises Refused.

        A call that got no answer is repeated with the same MS-RequestId, so that it is never done twice.
        """
        headers = {"Authorization": f"Bearer {self.token}", "MS-RequestId": str(uuid.uuid4())}
        headers |= {"Accept": "application/json", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{PORTAL}/v1{path}", data, headers, method=method)
        for attempt in range(3):
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    text = answer.read()
                    return json.loads(text) if text else None
            except urllib.error.HTTPError as error:
                raise Refused(error.code, error.read().decode()) from None
            except OSError:
                if attempt == 2:
                    raise


def main() -> None:
    wanted = options()
    app = PartnerCenter(get_token(grant_type="client_credentials"))
    user = PartnerCenter(get_token(grant_type="refresh_token", refresh_token=os.environ["REFRESH_TOKEN"]))

    # Which agreement is in force, and its text for the customer to read. The link works for five minutes.
    template = user.call("GET", f"/agreements?agreementType={MCA}")["items"][0]["templateId"]
    document = user.call("GET", f"/agreementtemplates/{template}/document?language={wanted.language}&{MARKET}")
    with urllib.request.urlopen(urllib.parse.urljoin(PORTAL, document["downloadUri"]), timeout=60) as answer:
        Path(wanted.save).write_bytes(answer.read())
    say("template", f"{template}, saved as {wanted.save}")

    # The customer; the first password is in this answer and in no other. A domain that is taken is refused.
    domain = f"{wanted.domain}.onmicrosoft.com"
    customer = app.call("POST", "/customers", new_customer(wanted, domain))
    mine = f"/customers/{customer['id']}"
    say("customer", f"{customer['id']}, signs in as {customer['userCredentials']['userName']}@{domain}")

    # Nothing can be ordered before it is recorded who accepted the agreement, and when.
    contact = {"firstName": wanted.first_name, "lastName": wanted.last_name, "email": wanted.email}
    agreed = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    accepted = {"primaryContact": contact, "templateId": template, "dateAgreed": agreed, "type": MCA}
    user.call("POST", f"{mine}/agreements", accepted)
    say("agreed on", user.call("GET", f"{mine}/agreements?agreementType={MCA}")["items"][0]["dateAgreed"])
    say("signed directly", user.call("GET", f"{mine}/directSignedMicrosoftCustomerAgreementStatus")["isSigned"])

    # Buy: the first thing that the catalog offers, in a cart.
    line = {"id": 0, "catalogItemId": first_item(app), "quantity": wanted.quantity}
    cart = app.call("POST", f"{mine}/carts", {"lineItems": [line]})
    bought = app.call("POST", f"{mine}/carts/{cart['id']}/checkout")
    if bought.get("orderErrors"):
        sys.exit(f"Not ordered: {bought['orderErrors']}")
    order = bought["orders"][0]
    say("order", order["id"])

    # Change the licence count: read the subscription, send it back with another quantity.
    path = f"{mine}/subscriptions/{order['lineItems'][0]['subscriptionId']}"
    subscription = app.call("GET", path)
    subscription["quantity"] += 1
    say("licences", app.call("PATCH", path, subscription)["quantity"])


def first_item(app: PartnerCenter) -> str:
    """The catalogItemId of something that can be bought. It changes over time: never store it."""
    for product in app.call("GET", f"/products?{MARKET}&targetView=OnlineServices")["items"]:
        skus = f"/products/{product['id']}/skus"
        for sku in app.call("GET", f"{skus}?{MARKET}")["items"]:
            for availability in app.call("GET", f"{skus}/{sku['id']}/availabilities?{MARKET}")["items"]:
                return str(availability["catalogItemId"])
    sys.exit("The catalog is empty.")


def new_customer(wanted: argparse.Namespace, domain: str) -> dict[str, Any]:
    address = {**ADDRESS, "firstName": wanted.first_name, "lastName": wanted.last_name}
    billing = {"email": wanted.email, "culture": wanted.language, "language": wanted.language[:2]}
    billing |= {"companyName": wanted.company, "defaultAddress": address}
    return {"companyProfile": {"domain": domain}, "billingProfile": billing}


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="From the agreement to a changed licence count.")
    for name in ("domain", "first-name", "last-name", "email"):
        parser.add_argument(f"--{name}", required=True)
    for name, value in {"company": "Kwiaty Letnie", "language": "en-US", "save": "agreement.docx"}.items():
        parser.add_argument(f"--{name}", default=value)
    parser.add_argument("--quantity", type=int, default=5)
    return parser.parse_args()


def say(what: str, value: object) -> None:
    print(f"{what}: {value}")


if __name__ == "__main__":
    main()
