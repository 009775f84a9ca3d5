"""Roles are code: which role may do what. The database keeps only the codes; the roles page shows this table.

Sources: the seed documents (000, 002, 003, 004: confirming; 001: attesting on the customer's behalf) and the
dashboard's documentation (the rest). Roles of one membership add up. The global admin does not inherit the
agents' rights but may grant their roles.
"""

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.partners.permissions import Permission as P


class Role(StrEnum):
    GLOBAL_ADMIN = "global_admin"
    ADMIN_AGENT = "admin_agent"
    SALES_AGENT = "sales_agent"
    HELPDESK_AGENT = "helpdesk_agent"


LABELS: dict[Role, str | Promise] = {
    Role.GLOBAL_ADMIN: _("Global admin"),
    Role.ADMIN_AGENT: _("Admin agent"),
    Role.SALES_AGENT: _("Sales agent"),
    Role.HELPDESK_AGENT: _("Helpdesk agent"),
}

DESCRIPTIONS: dict[Role, str | Promise] = {
    Role.GLOBAL_ADMIN: _("Manages members, API clients and the company profile."),
    Role.ADMIN_AGENT: _("Answers for customers, their agreements, orders and compliance."),
    Role.SALES_AGENT: _("Onboards customers, confirms their acceptance and orders for them."),
    Role.HELPDESK_AGENT: _("Looks customers up, keeps their details right and attests on their behalf."),
}

EVERYONE = frozenset({P.PARTNER_VIEW, P.CUSTOMERS_VIEW, P.AGREEMENTS_VIEW_TEMPLATES, P.ORDERS_VIEW})

PERMISSIONS: dict[Role, frozenset[P]] = {
    Role.GLOBAL_ADMIN: EVERYONE
    | {
        P.PARTNER_EDIT_PROFILE,
        P.PARTNER_MANAGE_MEMBERS,
        P.PARTNER_MANAGE_API_CLIENTS,
        P.CUSTOMERS_CREATE,
        P.CUSTOMERS_EDIT,
        P.CUSTOMERS_REMOVE,
        P.AGREEMENTS_ATTEST,
    },
    Role.ADMIN_AGENT: EVERYONE
    | {
        P.CUSTOMERS_CREATE,
        P.CUSTOMERS_EDIT,
        P.CUSTOMERS_REMOVE,
        P.CUSTOMERS_EXPORT,
        P.CUSTOMERS_IMPORT,
        P.CUSTOMERS_REQUEST_RELATIONSHIP,
        P.AGREEMENTS_VIEW_RECORDS,
        P.AGREEMENTS_CONFIRM,
        P.AGREEMENTS_INVITE,
        P.AGREEMENTS_ATTEST,
        P.AGREEMENTS_PREPARE,
        P.AGREEMENTS_RESOLVE,
        P.AGREEMENTS_APPROVE,
        P.AGREEMENTS_ERASE,
        P.AGREEMENTS_EXPORT,
        P.ORDERS_PLACE,
        P.ORDERS_CHANGE_LICENCES,
        P.ORDERS_EXPORT,
        P.ACTIVITY_VIEW,
    },
    Role.SALES_AGENT: EVERYONE
    | {
        P.CUSTOMERS_CREATE,
        P.CUSTOMERS_EDIT,
        P.CUSTOMERS_REQUEST_RELATIONSHIP,
        P.AGREEMENTS_VIEW_RECORDS,
        P.AGREEMENTS_CONFIRM,
        P.AGREEMENTS_INVITE,
        P.AGREEMENTS_PREPARE,
        P.ORDERS_PLACE,
        P.ORDERS_CHANGE_LICENCES,
    },
    Role.HELPDESK_AGENT: EVERYONE | {P.CUSTOMERS_EDIT, P.AGREEMENTS_ATTEST},
}


def permissions_of(codes: list[str]) -> frozenset[P]:
    """The union over roles; a code that the portal no longer knows grants nothing."""
    return frozenset().union(*(PERMISSIONS[role] for role in Role if role.value in codes))


def roles_with(permission: P) -> tuple[Role, ...]:
    return tuple(role for role in Role if permission in PERMISSIONS[role])
