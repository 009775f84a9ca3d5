"""The demo's history, told in the order in which it could have happened, through the services alone."""

from typing import NamedTuple

from django.db import transaction

from customers.services import create_customer, relate_customer, save_draft, start_draft
from orders.models import Cart, Price, Subscription
from orders.services import change_licence_count, place_order, set_lines, start_cart
from portal.common.actor import Door
from portal.dashboard.demo import companies
from portal.dashboard.demo.accounts import (
    ADA,
    GRACE,
    HARBOUR,
    LOTTE,
    MAREK,
    MERIDIAN,
    POTOMAC,
    SAM,
    SANDBOX,
    TOMASZ,
    VISTULA,
    DemoPartner,
)
from portal.dashboard.demo.agreements import load_first_versions, load_renewed_version
from portal.dashboard.demo.care import load_care
from portal.dashboard.demo.catalog import load_catalog
from portal.dashboard.demo.imports import load_imports
from portal.dashboard.demo.partners import Cast, load_partners
from portal.dashboard.demo.passwords import cheap_hashes
from portal.dashboard.demo.records import Customers, load_early, load_recent

Prices = dict[tuple[str, str], Price]
BASIC, STANDARD, PREMIUM = (f"Microsoft 365 Business {level}" for level in ("Basic", "Standard", "Premium"))
E3, E5, MAILBOX, VISIO = "Microsoft 365 E3", "Microsoft 365 E5", "Exchange Online (Plan 1)", "Visio Plan 2"
SALES, REPORTS, DEFENDER = "Dynamics 365 Sales Enterprise", "Power BI Pro", "Microsoft Defender for Business"


class Wish(NamedTuple):
    """An order to be. lines: SKU title -> licences."""

    partner: DemoPartner
    prefix: str
    agent: str
    lines: dict[str, int]


# Placed while the acceptances they rely on still covered; those not renewed are stale with a live subscription.
EARLY_ORDERS = (
    Wish(VISTULA, "mlyn-pod-roza", ADA, {STANDARD: 24}),
    Wish(VISTULA, "mueller-werkzeugbau", SAM, {E3: 60, VISIO: 5}),
    Wish(VISTULA, "lakeshore-dental", ADA, {BASIC: 9}),
    Wish(VISTULA, "jaskolka-wydawnictwo", SAM, {MAILBOX: 15}),
    Wish(VISTULA, "weisswasser-glas", SAM, {STANDARD: 40}),
)
ORDERS = (
    Wish(VISTULA, "zuraw-logistyka", SAM, {PREMIUM: 35, DEFENDER: 35}),
    Wish(VISTULA, "zuraw-logistyka", SAM, {REPORTS: 6}),
    Wish(VISTULA, "cwiek-kancelaria", ADA, {E5: 18}),
    Wish(VISTULA, "zrodlo-zdrowia", SAM, {BASIC: 12}),
    Wish(VISTULA, "bursztyn-software", SAM, {E5: 80, SALES: 12}),
    Wish(VISTULA, "modrzew-meble", SAM, {STANDARD: 22}),
    Wish(VISTULA, "nordlicht-wind", ADA, {BASIC: 110}),
    Wish(VISTULA, "praxis-yildiz", SAM, {PREMIUM: 7}),
    Wish(VISTULA, "bayou-bridge", SAM, {STANDARD: 28}),
    # Relies on the customer's own acceptance.
    Wish(VISTULA, "cedar-ridge-orchards", SAM, {BASIC: 16, MAILBOX: 4}),
    Wish(MERIDIAN, "harborline-marine", LOTTE, {PREMIUM: 14}),
    Wish(MERIDIAN, "nowa-huta-spawanie", MAREK, {STANDARD: 45}),
    # No agreement exists in this cloud, so the gate is open.
    Wish(POTOMAC, "blue-hollow-county", GRACE, {E3: 240}),
    Wish(POTOMAC, "tidewater-transit", GRACE, {E5: 75, REPORTS: 20}),
    Wish(SANDBOX, "sandbox-druga", TOMASZ, {BASIC: 3}),
)
# New licence counts: (partner, domain prefix, agent, SKU title, licences).
LICENCE_CHANGES = (
    (VISTULA, "zuraw-logistyka", SAM, PREMIUM, 41),
    (VISTULA, "nordlicht-wind", ADA, BASIC, 96),
    (POTOMAC, "blue-hollow-county", GRACE, E3, 260),
)
# Begun and not ordered: one for a customer who is covered, one where the agreement is still to be confirmed.
OPEN_CARTS = (
    Wish(VISTULA, "pracownia-luk", SAM, {STANDARD: 8, VISIO: 4}),
    Wish(VISTULA, "modrzew-meble", SAM, {VISIO: 3}),
)
RESOLD = (
    "fjordlys-energi",
    "kajak-kyst",
    "osuilleabhain-brewers",
    "harborline-marine",
    "nowa-huta-spawanie",
    "southern-cross-surf",
)
# Tenants that buy from the provider as well; the second one accepted directly, which covers both partners.
ALSO_AT_PROVIDER = ("bursztyn-software", "librairie-oeil-ouvert")
DRAFTS = (
    {
        "company-country": "SE",
        "company-company_name": "Ängsblomma Honung AB",
        "company-domain_prefix": "angsblomma-honung",
        "company-address_line1": "Kyrkogatan 11",
        "company-city": "Visby",
        "contact-first_name": "Åke",
    },
    {
        "company-country": "PL",
        "company-company_name": "Gęsi Puch Sp. j.",
        "company-domain_prefix": "gesi-puch",
    },
)


@transaction.atomic
@cheap_hashes()
def load() -> None:
    """Fill an empty database with the demo: all of it or nothing."""
    cast = load_partners()
    load_first_versions(cast.staff)
    prices = load_catalog(cast.staff)
    customers = _load_customers(cast)
    load_early(cast, customers)
    for number, wish in enumerate(EARLY_ORDERS):
        _order(cast, customers, prices, wish, submit_key=f"demo-early-{number}")
    load_renewed_version(cast.staff)
    load_recent(cast, customers)
    for number, wish in enumerate(ORDERS):
        _order(cast, customers, prices, wish, submit_key=f"demo-order-{number}")
    _change_licences(cast, customers)
    for wish in OPEN_CARTS:
        _fill_cart(cast, customers, prices, wish)
    load_imports(cast)
    for typed in DRAFTS:
        by = cast.agent(SAM, VISTULA, Door.WIZARD)
        draft = start_draft(by=by, partner=cast.partners[VISTULA])
        save_draft(by=by, draft=draft, page="account", typed=typed)
    load_care(cast, customers)


def _load_customers(cast: Cast) -> Customers:
    customers: Customers = {}
    owners = (
        (VISTULA, SAM, companies.DIRECT_BILL),
        (MERIDIAN, LOTTE, companies.PROVIDER),
        (POTOMAC, GRACE, companies.GOVERNMENT),
        (SANDBOX, TOMASZ, companies.SANDBOX),
    )
    for row, agent, rows in owners:
        by = cast.agent(agent, row, Door.WIZARD)
        for company in rows:
            customer, _credentials = create_customer(
                by=by,
                partner=cast.partners[row],
                domain=company.domain,
                company=company.details,
                contact=company.contact,
                reseller=cast.partners[HARBOUR] if company.prefix in RESOLD else None,
            )
            customers[row, company.prefix] = (company, customer)
    for prefix in ALSO_AT_PROVIDER:
        company, customer = customers[VISTULA, prefix]
        related = relate_customer(
            by=cast.agent(MAREK, MERIDIAN),
            partner=cast.partners[MERIDIAN],
            tenant=customer.tenant,
            company=company.details,
            contact=company.contact,
        )
        customers[MERIDIAN, prefix] = (company, related)
    return customers


def _fill_cart(cast: Cast, customers: Customers, prices: Prices, wish: Wish) -> Cart:
    _company, customer = customers[wish.partner, wish.prefix]
    by = cast.agent(wish.agent, wish.partner, Door.ORDER)
    cart = start_cart(by=by, customer=customer)
    market = str(customer.country)
    quantities = {prices[market, title]: quantity for title, quantity in wish.lines.items()}
    set_lines(by=by, cart=cart, quantities=quantities)
    return cart


def _order(cast: Cast, customers: Customers, prices: Prices, wish: Wish, *, submit_key: str) -> None:
    cart = _fill_cart(cast, customers, prices, wish)
    reviewed = [(str(line.price.public_id), line.quantity) for line in cart.lines.select_related("price")]
    by = cast.agent(wish.agent, wish.partner, Door.ORDER)
    place_order(by=by, cart=cart, submit_key=submit_key, reviewed=reviewed)


def _change_licences(cast: Cast, customers: Customers) -> None:
    for row, prefix, agent, title, quantity in LICENCE_CHANGES:
        _company, customer = customers[row, prefix]
        subscription = Subscription.objects.get(customer=customer, title=title)
        change_licence_count(
            by=cast.agent(agent, row, Door.ORDER),
            subscription=subscription,
            quantity=quantity,
            submit_key=f"demo-licences-{prefix}",
        )
