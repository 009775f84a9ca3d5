"""Architecture, section 5: the table of roles, cell by cell, typed from there and not from the code."""

import pytest

from portal.partners.permissions import LABELS as PERMISSION_LABELS
from portal.partners.permissions import Permission as P
from portal.partners.roles import DESCRIPTIONS, LABELS, PERMISSIONS, Role, permissions_of, roles_with
from portal.partners.rules import (
    NOT_FOR_RESELLERS,
    NOT_IN_NATIONAL_CLOUDS,
    why_cannot_set_roles,
    why_not,
    why_partner_cannot,
)
from portal.partners.tests.factories import PartnerFactory

COLUMNS = (Role.GLOBAL_ADMIN, Role.ADMIN_AGENT, Role.SALES_AGENT, Role.HELPDESK_AGENT)
TABLE = {
    P.PARTNER_VIEW: "yes yes yes yes",
    P.CUSTOMERS_VIEW: "yes yes yes yes",
    P.ORDERS_VIEW: "yes yes yes yes",
    P.AGREEMENTS_VIEW_TEMPLATES: "yes yes yes yes",
    P.CUSTOMERS_CREATE: "yes yes yes -",
    P.CUSTOMERS_EDIT: "yes yes yes yes",
    P.CUSTOMERS_REMOVE: "yes yes - -",
    P.CUSTOMERS_EXPORT: "- yes - -",
    P.CUSTOMERS_IMPORT: "- yes - -",
    P.CUSTOMERS_REQUEST_RELATIONSHIP: "- yes yes -",
    P.AGREEMENTS_VIEW_RECORDS: "- yes yes -",
    P.AGREEMENTS_CONFIRM: "- yes yes -",
    P.AGREEMENTS_INVITE: "- yes yes -",
    P.AGREEMENTS_ATTEST: "yes yes - yes",
    P.AGREEMENTS_PREPARE: "- yes yes -",
    P.AGREEMENTS_RESOLVE: "- yes - -",
    P.AGREEMENTS_APPROVE: "- yes - -",
    P.AGREEMENTS_ERASE: "- yes - -",
    P.AGREEMENTS_EXPORT: "- yes - -",
    P.ORDERS_PLACE: "- yes yes -",
    P.ORDERS_CHANGE_LICENCES: "- yes yes -",
    P.ORDERS_EXPORT: "- yes - -",
    P.ACTIVITY_VIEW: "- yes - -",
    P.PARTNER_MANAGE_MEMBERS: "yes - - -",
    P.PARTNER_MANAGE_API_CLIENTS: "yes - - -",
    P.PARTNER_EDIT_PROFILE: "yes - - -",
}
CELLS = [
    (permission, role, cell == "yes")
    for permission, cells in TABLE.items()
    for role, cell in zip(COLUMNS, cells.split(), strict=True)
]
READS = {P.PARTNER_VIEW, P.CUSTOMERS_VIEW, P.ORDERS_VIEW, P.AGREEMENTS_VIEW_TEMPLATES, P.ACTIVITY_VIEW}
OWN_AFFAIRS = {P.PARTNER_MANAGE_MEMBERS, P.PARTNER_MANAGE_API_CLIENTS, P.PARTNER_EDIT_PROFILE}
# What an indirect reseller may do beyond that: ask a company to become a customer, and its provider to confirm.
ASKS = {P.CUSTOMERS_REQUEST_RELATIONSHIP, P.AGREEMENTS_PREPARE}


def test_the_table_is_complete() -> None:
    assert set(TABLE) == set(P), "add the new permission to the table above, from the architecture"
    assert set(PERMISSIONS) == set(COLUMNS) == set(LABELS) == set(DESCRIPTIONS)
    assert set(PERMISSION_LABELS) == set(P)


@pytest.mark.parametrize(("permission", "role", "has_it"), CELLS)
def test_cell(permission: P, role: Role, has_it: bool) -> None:
    assert (permission in PERMISSIONS[role]) is has_it


@pytest.mark.parametrize(("permission", "role", "has_it"), CELLS)
def test_cell_at_a_direct_bill_partner(permission: P, role: Role, has_it: bool) -> None:
    # Only a reseller has somebody to ask for a confirmation.
    is_resellers = permission == P.AGREEMENTS_PREPARE
    refusal = why_not(PartnerFactory.build(reseller=is_resellers), permissions_of([role]), permission)
    assert (refusal is None) is has_it
    if refusal is not None:
        assert set(refusal.who_can) == {LABELS[other] for p, other, yes in CELLS if p is permission and yes}


def test_roles_of_one_membership_add_up() -> None:
    both = permissions_of(["helpdesk_agent", "sales_agent"])
    assert {P.AGREEMENTS_ATTEST, P.AGREEMENTS_CONFIRM} <= both


def test_a_forgotten_role_grants_nothing() -> None:
    assert permissions_of(["emperor"]) == frozenset()
    assert permissions_of([]) == frozenset()


def test_who_has_a_permission() -> None:
    assert roles_with(P.ACTIVITY_VIEW) == (Role.ADMIN_AGENT,)


@pytest.mark.parametrize("permission", list(P))
def test_an_indirect_reseller_reads_asks_and_looks_after_itself(permission: P) -> None:
    partner, everything = PartnerFactory.build(reseller=True), frozenset(P)
    refusal = why_not(partner, everything, permission)
    assert (refusal is None) is (permission in READS | OWN_AFFAIRS | ASKS)
    assert (permission in NOT_FOR_RESELLERS) is (refusal is not None)
    if refusal is not None:
        assert "indirect provider" in str(refusal.reason)


@pytest.mark.parametrize("cloud", ["china_21vianet", "germany", "us_government"])
@pytest.mark.parametrize("permission", list(P))
def test_national_clouds_have_no_agreement_to_record(permission: P, cloud: str) -> None:
    refusal = why_partner_cannot(PartnerFactory.build(cloud=cloud), permission)
    recorded = {P.AGREEMENTS_CONFIRM, P.AGREEMENTS_INVITE, P.AGREEMENTS_ATTEST, P.AGREEMENTS_RESOLVE}
    recorded |= {P.AGREEMENTS_APPROVE}
    assert (refusal is not None) is (permission in recorded | ASKS)
    assert recorded | {P.AGREEMENTS_PREPARE} == NOT_IN_NATIONAL_CLOUDS


@pytest.mark.parametrize("permission", list(P))
def test_providers_and_sandboxes_are_held_back_by_little_but_roles(permission: P) -> None:
    """Both confirm acceptances themselves; a sandbox has no companies to ask for a relationship (architecture, 5)."""
    at_provider = why_partner_cannot(PartnerFactory.build(provider=True), permission)
    in_sandbox = why_partner_cannot(PartnerFactory.build(sandbox=True), permission)
    assert (at_provider is not None) is (permission == P.AGREEMENTS_PREPARE)
    assert (in_sandbox is not None) is (permission in ASKS)


def test_what_the_company_may_not_do_no_role_can() -> None:
    refusal = why_not(PartnerFactory.build(reseller=True), frozenset(), P.ORDERS_PLACE)
    assert refusal is not None
    assert refusal.who_can == ()


@pytest.mark.parametrize(
    ("roles", "message"),
    [([], "at least one"), (["emperor"], "from the list"), (["sales_agent"], ""), (["sales_agent", "x"], "list")],
)
def test_roles_that_can_be_given(roles: list[str], message: str) -> None:
    reason = why_cannot_set_roles(roles=roles)
    assert (reason is None) is (not message)
    assert message in str(reason)
