"""Strict readers: what each of the public clients takes from an answer, and on what it breaks.

From the probes of the wire contract, section 4: values are those that the client takes without an exception, and
"accepts" means its own list, not what Partner Center may send.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

# The oldest set, which all of them know.
ENUMS: dict[str, frozenset[str]] = {
    "relationshipToPartner": frozenset({"reseller", "none"}),
    "billingCycle": frozenset({"unknown", "monthly", "annual", "none", "one_time"}),
    "supportedBillingCycles": frozenset({"unknown", "monthly", "annual", "none", "one_time"}),
    "billingType": frozenset({"none", "usage", "license"}),
    "contractType": frozenset({"subscription"}),
    "operationStatus": frozenset({"succeeded", "failed", "progress", "decline"}),
    "licenseGroupId": frozenset({"none", "group1", "group2"}),
    "operationType": frozenset(
        """undefined update_customer_qualification update_subscription upgrade_subscription convert_trial_subscription
        add_customer update_customer_billing_profile update_customer_partner_contract_company_name
        update_customer_spending_budget delete_customer remove_partner_customer_relationship create_order update_order
        create_customer_user delete_customer_user update_customer_user update_customer_user_licenses
        reset_customer_user_password update_customer_user_principal_name restore_customer_user create_mpn_association
        update_mpn_association update_sfb_customer_user_licenses update_transfer create_partner_relationship
        register_application unregister_application add_application_credential remove_application_credential
        create_partner_user update_partner_user remove_partner_user create_referral update_referral get_software_key
        get_software_download_link increase_spending_limit ready_invoice create_agreement""".split()
    ),
    "resourceType": frozenset(
        """undefined customer customer_user order subscription license third_party_add_on mpn_association transfer
        application application_credential partner_user partner_relationship referral software_key
        software_download_link credit_limit invoice agreement""".split()
    ),
}
SUBSCRIPTION_STATUS = frozenset({"none", "active", "suspended", "deleted"})
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,7})?(Z|[+-]\d{2}:\d{2})", re.ASCII)
# Members that clients read as moments, whatever else is called a date.
MOMENTS = frozenset(
    """creationDate effectiveStartDate commitmentEndDate cancellationAllowedUntilDate billingCycleEndDate
    expirationTimestamp creationTimestamp lastModifiedTimestamp operationDate vettingCreatedDate invoiceDate endDate
    billingPeriodStartDate billingPeriodEndDate dateAgreed""".split()
)
WHOLE = frozenset(
    """totalCount quantity lineItemNumber versionRank minimumQuantity maximumQuantity rank limit availableUnits
    activeUnits consumedUnits suspendedUnits totalUnits warningUnits""".split()
)
NOT_IN_A_URI = re.compile(r"[\s{}|\\^`<>\"]")
CAMEL = re.compile(r"[a-z@$][A-Za-z0-9]*")
# Keys of these objects are data, not names.
FREE_KEYS = frozenset({"parameters", "provisioningContext", "dynamicAttributes"})


@dataclass(frozen=True)
class Reader:
    """success: the statuses that the client takes for success, as a range's ends, both counted."""

    name: str
    success: tuple[int, int] = (200, 299)

    def complaints(self, status: int, text: str) -> list[str]:
        """On what this client would break. text: the body of the answer, "" for none."""
        if not text:
            return [] if status in (200, 204, 404) else [f"{status} without a body"]
        try:
            body = json.loads(text, parse_float=Decimal)
        except ValueError:
            return [f"{status} with a body that is not JSON"]
        if status >= 400:
            return list(_fault(body))
        found = [f"status {status}"] if not self.success[0] <= status <= self.success[1] else []
        return [*found, *_read(body, "")]


READERS = {
    "dotnet-sdk": Reader("dotnet-sdk"),
    "pc-dotnet": Reader("pc-dotnet"),
    "java": Reader("java"),
    "node": Reader("node"),
    "kotlin": Reader("kotlin"),
    "py": Reader("py", success=(200, 201)),
    "bridge": Reader("bridge"),
}


def _fault(body: Any) -> Iterator[str]:
    """What an error body must be: Kotlin reads the description of every one."""
    if not isinstance(body, dict) or not isinstance(body.get("description"), str):
        yield f"a fault without a description: {body!r}"
    elif not isinstance(body.get("code"), int | str):
        yield f"a fault without a code: {body!r}"
    elif not isinstance(body.get("data", []), list):
        yield f"a fault whose data is no array: {body!r}"


def _read(value: Any, where: str, name: str = "") -> Iterator[str]:
    if value is None:
        yield f"{where} is null"
    elif isinstance(value, dict):
        yield from _read_object(value, where, name)
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _read(each, f"{where}[{number}]", name)
    else:
        yield from _read_plain(value, where, name)


def _read_object(value: dict[str, Any], where: str, name: str) -> Iterator[str]:
    if "items" in value or "totalCount" in value:
        yield from _collection(value, where)
    if value.get("attributes", {}).get("objectType") == "Subscription":
        if value.get("status") not in SUBSCRIPTION_STATUS:
            yield f"{where}.status is {value.get('status')!r}"
        if "contractType" in value and value["contractType"] != "subscription":
            yield f"{where}.contractType is {value['contractType']!r}"
    for key, each in value.items():
        if name not in FREE_KEYS and not CAMEL.fullmatch(key):
            yield f"{where}.{key} is not camelCase"
        if key == "links":
            yield from _links(each, f"{where}.links")
        elif key == "customizedData" and not all(set(pair) == {"key", "value"} for pair in each):
            yield f"{where}.customizedData is no array of keys and values"
        else:
            yield from _read(each, f"{where}.{key}", key)


def _read_plain(value: Any, where: str, name: str) -> Iterator[str]:
    if name in ENUMS and value not in ENUMS[name]:
        yield f"{where} is {value!r}"
    if name in WHOLE and (isinstance(value, bool) or not isinstance(value, int)):
        yield f"{where} is {value!r}, no whole number"
    if name in MOMENTS and not (isinstance(value, str) and MOMENT.fullmatch(value)):
        yield f"{where} is {value!r}, no date and time with a zone"


def _collection(value: dict[str, Any], where: str) -> Iterator[str]:
    if not isinstance(value.get("items"), list):
        yield f"{where} is a collection without items"
    if "totalCount" in value and not isinstance(value["totalCount"], int):
        yield f"{where}.totalCount is {value['totalCount']!r}"


def _links(links: Any, where: str) -> Iterator[str]:
    """An object of links. Each has an address that is relative and a URI, and the array of its headers."""
    if not isinstance(links, dict):
        yield f"{where} is no object"
        return
    for name, link in links.items():
        if name == "learnMore":
            continue
        uri = link.get("uri") if isinstance(link, dict) else None
        if not isinstance(uri, str) or NOT_IN_A_URI.search(uri) or "://" in uri:
            yield f"{where}.{name}.uri is {uri!r}"
            continue
        headers = link.get("headers")
        if not isinstance(headers, list):
            yield f"{where}.{name}.headers is {headers!r}"
        elif any(not header.get("key") or not isinstance(header.get("value"), str) for header in headers):
            yield f"{where}.{name}.headers holds {headers!r}"
        if name == "next" and not headers:
            yield f"{where}.next carries no token"
