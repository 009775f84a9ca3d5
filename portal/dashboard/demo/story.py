"""The demo's history, told in the order in which it could have happened, through the services alone."""

from django.db import transaction

from customers.services import create_customer, relate_customer, save_draft, start_draft
from portal.common.actor import Door
from portal.dashboard.demo import companies
from portal.dashboard.demo.accounts import (
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
)
from portal.dashboard.demo.administrators import load_customer_accounts
from portal.dashboard.demo.agreements import load_first_versions, load_renewed_version
from portal.dashboard.demo.answers import load_answers
from portal.dashboard.demo.applications import load_applications
from portal.dashboard.demo.approvals import load_approvals
from portal.dashboard.demo.care import load_care
from portal.dashboard.demo.catalog import load_catalog
from portal.dashboard.demo.imports import load_imports
from portal.dashboard.demo.invitations import load_invitations
from portal.dashboard.demo.letters import send_the_past
from portal.dashboard.demo.partners import Cast, load_partners
from portal.dashboard.demo.passwords import cheap_hashes
from portal.dashboard.demo.records import Customers, load_early, load_recent
from portal.dashboard.demo.sales import load_early_orders, load_sales
from portal.dashboard.demo.told import days_since_the_story_began, told

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
    with told(days_since_the_story_began()):
        cast = load_partners()
        load_first_versions(cast.staff)
        sold = load_catalog(cast.staff)
        customers = _load_customers(cast)
        load_early(cast, customers)
        load_early_orders(cast, customers, sold)
        load_renewed_version(cast.staff)
        load_recent(cast, customers)
    load_sales(cast, customers, sold)
    load_imports(cast)
    for typed in DRAFTS:
        by = cast.agent(SAM, VISTULA, Door.WIZARD)
        draft = start_draft(by=by, partner=cast.partners[VISTULA])
        save_draft(by=by, draft=draft, page="account", typed=typed)
    load_care(cast, customers)
    load_invitations(cast, customers)
    load_answers(cast, customers)
    load_approvals(cast, customers)
    load_applications(cast)
    send_the_past()
    load_customer_accounts()


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
