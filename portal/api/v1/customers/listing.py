"""Which customers a list asks for: filter and continuation in every spelling that clients have (facts, 2.4)."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.db.models import Q

from customers.models import Customer
from portal.api.v1.faults import BAD_CHOICE, INVALID, NO_SUCH_OPERATION, Fault
from portal.api.v1.wire import spelled
from portal.common.folding import fold
from portal.common.ids import parse_uuid
from portal.common.sealed import seal, unseal

PURPOSE = "api:customers"
OPERATORS = {"startswith": "startswith", "equals": "exact", "substring": "contains"}
LONGEST_VALUE = 200


@dataclass(frozen=True)
class Asked:
    """One page: how many, of which, after what. after: the row's own token, "" for the first page."""

    size: int | None = None
    filter: str = ""
    after: str = ""

    @property
    def uri(self) -> str:
        """Of the list itself; what was looked for is said only where the client said it itself."""
        query = [f"size={self.size}"] if self.size is not None else []
        query += [f"filter={quote(self.filter, safe='')}"] if self.filter else []
        return "/customers" + (f"?{'&'.join(query)}" if query else "")

    def token(self, after: str) -> str:
        """What continues this list: clients send neither size nor filter again."""
        return seal(json.dumps([self.size, self.filter, after]), purpose=PURPOSE)


def asked_for(*, size: int | None, text: str, seek: str, token: str) -> Asked:
    """The page that these parameters ask for. Raises Fault 400.

    seek: Next with a token; First, or nothing, for the beginning. Pages are not numbered and lead forwards only.
    """
    step = spelled(seek)
    if step not in ("", "next", "first", "previous", "last", "pageindex"):
        raise Fault(400, BAD_CHOICE, "seekOperation: must be one of Next, First.", data=["seekOperation"])
    if step in ("previous", "last", "pageindex"):
        raise Fault(400, NO_SUCH_OPERATION, "Pages lead forwards only: send seekOperation Next or First.")
    if step == "next" and not token:
        raise Fault(400, INVALID, "Send the MS-ContinuationToken of the page before.", data=["MS-ContinuationToken"])
    if not token or step == "first":
        return Asked(size, text)
    opened = unseal(token, purpose=PURPOSE)
    if opened is None:
        raise Fault(400, INVALID, "The continuation token is not one of this list. Begin again without it.")
    kept_size, kept_filter, after = json.loads(opened)
    if text and text != kept_filter:
        raise Fault(400, INVALID, "The continuation token belongs to another filter. Begin again without it.")
    return Asked(kept_size if size is None else size, kept_filter, after)


def condition(text: str) -> Q:
    """What the filter holds: JSON with Field, Value and Operator. Raises Fault 400 for what cannot be understood."""
    if not text:
        return Q()
    try:
        said = json.loads(text)
        names = {str(name).lower(): value for name, value in said.items()}
    except (ValueError, AttributeError, RecursionError):
        raise _unreadable() from None
    field, operator = spelled(str(names.get("field") or "")), spelled(str(names.get("operator") or "starts_with"))
    value = names.get("value") or ""
    if not isinstance(value, str) or len(value) > LONGEST_VALUE or "\x00" in value:
        raise _unreadable()
    if operator not in OPERATORS:
        raise Fault(
            400, BAD_CHOICE, "filter: Operator must be one of starts_with, equals, substring.", data=["filter"]
        )
    return _compared(field, OPERATORS[operator], value)


def _compared(field: str, lookup: str, value: str) -> Q:
    """In the columns that are kept for it, folded, so that an index is walked."""
    if field == "companyname":
        return Q((f"name_key__{lookup}", fold(value)))
    if field == "domain":
        return Q((f"tenant__domain__{lookup}", value.strip().lower()))
    ids: dict[str, str] = {
        "indirectreseller": "reseller__tenant_id",
        "indirectcloudsolutionprovider": "partner__tenant_id",
    }
    if field not in ids:
        allowed = "CompanyName, Domain, IndirectReseller, IndirectCloudSolutionProvider"
        raise Fault(400, BAD_CHOICE, f"filter: Field must be one of {allowed}.", data=["filter"])
    named = parse_uuid(value.strip())
    if named is None:
        raise Fault(400, INVALID, f"filter: Value must be a Microsoft ID for {field}.", data=["filter"])
    return Q((ids[field], named))


def _unreadable() -> Fault:
    told = 'filter: send JSON such as {"Field":"CompanyName","Value":"Cont","Operator":"starts_with"}.'
    return Fault(400, INVALID, told, data=["filter"])


COLUMNS = ("tenant_id", "tenant__domain", "company_name", "name_key", "pk")
# Sorted as on the screens.
ORDER = ("name_key", "pk")


def listed(membership: Any, asked: Asked) -> Any:
    """The customers of this list as rows of COLUMNS."""
    rows = Customer.objects.visible_to(membership).active().filter(condition(asked.filter))
    return rows.values_list(*COLUMNS, named=True)
