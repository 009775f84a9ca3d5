"""What API clients call the things they order, and what of it is sold to a customer."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple, Self

from django.utils.translation import gettext as _

from customers.models import Customer
from orders.models import Availability, BillingPlan, Term
from orders.pricing import price_day
from orders.refusing import Item, Unfit, refuse_line
from portal.common.ids import parse_uuid
from portal.partners.models import Partner, PartnerKind

# Product, SKU and, where it is said, availability.
_NAME = re.compile(r"([0-9A-Za-z]{1,20}):([0-9A-Za-z]{1,20})(?::([0-9A-Fa-f-]{32,36}))?", re.ASCII)

# What an offer means where nothing is said about term or billing: the usual ones first.
_TERMS = (Term.YEAR, Term.MONTH, Term.THREE_YEARS)
_PLANS = (BillingPlan.MONTHLY, BillingPlan.ANNUAL, BillingPlan.TRIENNIAL, BillingPlan.NONE)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """name: "product:SKU:availability" is exactly that one; "product:SKU" whatever of it fits best. term, plans
    (billing plans), currency: what it has to be, empty for anything.
    """

    name: str
    term: str = ""
    plans: tuple[str, ...] = ()
    currency: str = ""


@dataclass(frozen=True, kw_only=True)
class CartItem:
    """A line of an API client's cart. number: its id in the cart; group: lines of one group become one order;
    reseller: MPN ID of the indirect reseller that takes part, "" for none named; promotion, renewal_term, ends_on: as
    asked for, "" for nothing; said: what else the client told, by the names and in the spelling in which it is
    answered; add_ons: for the subscription that this line makes.
    """

    number: int
    name: str
    quantity: int
    term: str = ""
    plans: tuple[str, ...] = ()
    currency: str = ""
    group: str = "0"
    friendly_name: str = ""
    reseller: str = ""
    promotion: str = ""
    renewal_term: str = ""
    ends_on: str = ""
    said: Mapping[str, Any] = field(default_factory=dict)
    add_ons: tuple["CartItem", ...] = ()

    @property
    def wanted(self) -> Wanted:
        return Wanted(name=self.name, term=self.term, plans=self.plans, currency=self.currency)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        add_ons = tuple(cls.from_json(each) for each in value["add_ons"])
        return cls(**{**value, "plans": tuple(value["plans"]), "add_ons": add_ons})


@dataclass(frozen=True)
class Judged:
    """A line with what it names, and why it cannot be ordered as it is, or None."""

    item: CartItem
    sold: Availability | None
    refusal: Unfit | None
    add_ons: tuple["Judged", ...] = ()

    @property
    def problem(self) -> Unfit | None:
        """Of the line or of the first of its add-ons that has one."""
        return self.refusal or next((each.refusal for each in self.add_ons if each.refusal), None)


class _Name(NamedTuple):
    product: str
    sku: str
    availability: str

    @property
    def catalog_code(self) -> str:
        return f"{self.product}-{self.sku}"


def _read(name: str) -> _Name | None:
    found = _NAME.fullmatch(name)
    return _Name(found[1], found[2], found[3] or "") if found else None


def sold_for(customer: Customer, asked: Sequence[Wanted]) -> list[Availability | Unfit]:
    """What each asks for, in their order, with SKU and prices of today; or why there is no such thing."""
    names = [_read(each.name) for each in asked]
    rows = Availability.objects.with_prices(on=price_day()).prefetch_related("sku__add_on_to")
    codes = {name.catalog_code for name in names if name and not name.availability}
    ids = {public_id for name in names if name and (public_id := parse_uuid(name.availability))}
    exact = {row.public_id: row for row in rows.filter(public_id__in=ids)} if ids else {}
    here: dict[str, list[Availability]] = {}
    for row in rows.filter(market=str(customer.country), sku__catalog_code__in=codes) if codes else ():
        here.setdefault(row.sku.catalog_code, []).append(row)
    found: list[Availability | Unfit] = []
    for each, name in zip(asked, names, strict=True):
        if name is None:
            text = _("“%(name)s” names nothing of the catalog. Names look like PRODUCT:SKU:AVAILABILITY.")
            found.append(Unfit("item_unknown", text % {"name": each.name[:80]}))
        elif name.availability:
            public_id = parse_uuid(name.availability)
            row = exact.get(public_id) if public_id else None
            is_it = row is not None and row.sku.catalog_code == name.catalog_code
            found.append(_fitting(customer, each, [row] if row is not None and is_it else []))
        else:
            found.append(_fitting(customer, each, here.get(name.catalog_code, [])))
    return found


def _fitting(customer: Customer, wanted: Wanted, rows: Sequence[Availability]) -> Availability | Unfit:
    """The most usual of those that are what is wanted."""
    if not rows:
        text = _("“%(name)s” is not sold here, or no longer. Look it up in the catalog again.")
        return Unfit("item_not_sold", text % {"name": wanted.name[:80]})
    fit = [row for row in rows if wanted.term in ("", row.term)]
    if not fit:
        terms = ", ".join(sorted({row.term for row in rows}))
        return Unfit("term_unfit", _("This is sold for other terms: %(terms)s.") % {"terms": terms})
    rows, fit = fit, [row for row in fit if not wanted.plans or row.billing_plan in wanted.plans]
    if not fit:
        plans = ", ".join(sorted({row.billing_plan for row in rows}))
        return Unfit("plan_unfit", _("This is billed otherwise: %(plans)s.") % {"plans": plans})
    rows, fit = fit, [row for row in fit if wanted.currency.upper() in ("", row.currency)]
    if not fit:
        currencies = ", ".join(sorted({row.currency for row in rows}))
        text = _("This is sold in other currencies: %(currencies)s.")
        return Unfit("other_currency", text % {"currencies": currencies})
    return min(fit, key=lambda row: _rank(row, customer))


def _rank(row: Availability, customer: Customer) -> tuple[Any, ...]:
    """The customer's market and the commercial segment first, then what has a price, and the usual term and plan."""
    return (
        str(row.market) != str(customer.country),
        row.segment != "commercial",
        not row.prices.all(),
        _TERMS.index(Term(row.term)),
        _PLANS.index(BillingPlan(row.billing_plan)),
        row.currency,
    )


def judge(customer: Customer, items: Sequence[CartItem]) -> list[Judged]:
    """Each line with what stands against it today, in as many queries for many lines as for one."""
    flat = [one for each in items for one in (each, *each.add_ons)]
    sold = dict(zip(map(id, flat), sold_for(customer, [each.wanted for each in flat]), strict=True))
    known = resellers_by_number(customer.partner, {each.reseller for each in items if each.reseller})
    currencies: dict[str, str] = {}
    for each in items:
        row = sold[id(each)]
        if not isinstance(row, Unfit) and str(row.market) == str(customer.country):
            currencies.setdefault(each.group, row.currency)
    resellers = resellers_of_groups(items)
    judged = []
    for item in items:
        row = sold[id(item)]
        if isinstance(row, Unfit):
            judged.append(Judged(item, None, row, tuple(Judged(each, None, None) for each in item.add_ons)))
            continue
        refusal = (
            refuse_line(customer, Item(row), item.quantity, currencies={currencies.get(item.group, row.currency)})
            or refuse_wishes(item, row)
            or _refuse_reseller(item.reseller, known=known, of_group=resellers.get(item.group, ""))
        )
        add_ons = tuple(_judged_add_on(customer, each, sold[id(each)], row) for each in item.add_ons)
        judged.append(Judged(item, row, refusal, add_ons))
    return judged


def resellers_of_groups(items: Iterable[CartItem]) -> dict[str, str]:
    """Group -> the MPN ID that one of its lines names first: one order has one reseller."""
    named: dict[str, str] = {}
    for each in items:
        if each.reseller:
            named.setdefault(each.group, each.reseller)
    return named


def _judged_add_on(customer: Customer, item: CartItem, row: Availability | Unfit, base: Availability) -> Judged:
    if isinstance(row, Unfit):
        return Judged(item, None, row)
    refusal = refuse_line(customer, Item(row), item.quantity, currencies={base.currency}, base_sku=base.sku_id)
    return Judged(item, row, refusal or refuse_wishes(item, row))


def refuse_wishes(item: CartItem, sold: Availability) -> Unfit | None:
    """What the portal cannot do is refused rather than passed over."""
    if item.promotion:
        return Unfit("promotion_unknown", _("There is no such promotion. Order without one."))
    if item.renewal_term not in ("", sold.term):
        text = _("A subscription is renewed for the term that it has. Leave out another renewal term.")
        return Unfit("renewal_unfit", text)
    if item.ends_on:
        return Unfit("end_unfit", _("A term ends when it has run its time. Leave out another end date."))
    return None


def _refuse_reseller(number: str, *, known: Mapping[str, Partner], of_group: str) -> Unfit | None:
    if number and number not in known:
        return unknown_reseller(number)
    if number and number != of_group:
        return Unfit("reseller_unknown", _("One order has one transaction reseller. Order this in another group."))
    return None


def unknown_reseller(number: str) -> Unfit:
    text = _("“%(number)s” is not the MPN ID of one of your indirect resellers.")
    return Unfit("reseller_unknown", text % {"number": number[:20]})


def resellers_by_number(partner: Partner, numbers: Collection[str]) -> dict[str, Partner]:
    """MPN ID -> indirect reseller that works with this partner, of those that are asked for."""
    if not numbers or partner.kind != PartnerKind.INDIRECT_PROVIDER:
        return {}
    return {each.mpn_id: each for each in Partner.objects.resellers_of(partner).filter(mpn_id__in=numbers)}


def by_group(judged: Iterable[Judged]) -> dict[str, list[Judged]]:
    """Group -> its lines, in the order of the cart."""
    groups: dict[str, list[Judged]] = {}
    for each in judged:
        groups.setdefault(each.item.group, []).append(each)
    return groups
