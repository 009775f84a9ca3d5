"""Who may do what: decisions over a partner and a set of permissions, nothing else."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.partners.permissions import Permission as P
from portal.partners.roles import LABELS, Role, roles_with


class PartnerFacts(Protocol):
    @property
    def is_reseller(self) -> bool: ...

    @property
    def has_agreement(self) -> bool: ...

    @property
    def is_sandbox(self) -> bool: ...


@dataclass(frozen=True)
class Refusal:
    """reason: a sentence for the person; who_can: labels of roles whose holders may."""

    reason: str | Promise
    who_can: tuple[str | Promise, ...] = ()


# Seed 004: indirect resellers cannot attest and work with their provider; it also creates and orders for them.
NOT_FOR_RESELLERS = frozenset(
    {
        P.CUSTOMERS_CREATE,
        P.CUSTOMERS_EDIT,
        P.CUSTOMERS_REMOVE,
        P.CUSTOMERS_EXPORT,
        P.CUSTOMERS_IMPORT,
        P.AGREEMENTS_VIEW_RECORDS,
        P.AGREEMENTS_CONFIRM,
        P.AGREEMENTS_INVITE,
        P.AGREEMENTS_ATTEST,
        P.AGREEMENTS_RESOLVE,
        P.AGREEMENTS_APPROVE,
        P.AGREEMENTS_ERASE,
        P.AGREEMENTS_EXPORT,
        P.ORDERS_PLACE,
        P.ORDERS_CHANGE_LICENCES,
        P.ORDERS_EXPORT,
    }
)
# Seeds 000, 002, 003: the agreement resource exists in the Microsoft public cloud only.
NOT_IN_NATIONAL_CLOUDS = frozenset(
    {
        P.AGREEMENTS_CONFIRM,
        P.AGREEMENTS_INVITE,
        P.AGREEMENTS_ATTEST,
        P.AGREEMENTS_PREPARE,
        P.AGREEMENTS_RESOLVE,
        P.AGREEMENTS_APPROVE,
    }
)


# Facts 3.4: how many sandbox resellers a sandbox provider has room for.
SANDBOX_RESELLERS = 5


def why_partner_cannot(partner: PartnerFacts, permission: P, *, provider: str = "") -> Refusal | None:
    """What the partner's kind or cloud rules out for everybody who works there.

    provider: name of the indirect provider that the thing in question belongs to, "" when it is about none.
    """
    if partner.is_reseller and permission in NOT_FOR_RESELLERS:
        if not provider:
            return Refusal(_("An indirect reseller cannot do this. Ask your indirect provider to do it for you."))
        named = _("An indirect reseller cannot do this. Ask %(name)s, your indirect provider, to do it for you.")
        return Refusal(named % {"name": provider})
    if permission == P.AGREEMENTS_PREPARE and not partner.is_reseller:
        return Refusal(_("Your company confirms its customers' acceptance itself; nobody else has to be asked."))
    if permission == P.CUSTOMERS_REQUEST_RELATIONSHIP and (partner.is_sandbox or not partner.has_agreement):
        return Refusal(_("Relationships are requested in production and in the public cloud only."))
    if not partner.has_agreement and permission in NOT_IN_NATIONAL_CLOUDS:
        return Refusal(_("The Microsoft Customer Agreement does not apply in your cloud; nothing is needed here."))
    return None


def why_not(partner: PartnerFacts, held: Collection[P], permission: P, *, provider: str = "") -> Refusal | None:
    """Why this may not be done with these permissions at this partner; provider as above."""
    veto = why_partner_cannot(partner, permission, provider=provider)
    if veto is not None or permission in held:
        return veto
    who_can = tuple(LABELS[role] for role in roles_with(permission))
    return Refusal(_("Your roles do not include this."), who_can)


def why_cannot_set_roles(*, roles: Collection[str]) -> str | Promise | None:
    """A member holds at least one role, and only roles that exist."""
    if not roles:
        return _("Choose at least one role")
    if not set(roles) <= {role.value for role in Role}:
        return _("Choose roles from the list")
    return None


# How the sign-in of a customer's administrator begins and ends (customers make it with their domain).
CUSTOMER_ADMIN, CUSTOMER_DOMAINS = "admin@", (".onmicrosoft.com", ".ccsctp.net")


def why_cannot_be_member(email: str) -> str | Promise | None:
    """Partners and the portal's staff never use the address that a customer's administrator has, or may get."""
    address = email.strip().lower()
    if address.startswith(CUSTOMER_ADMIN) and address.endswith(CUSTOMER_DOMAINS):
        return _("This is the sign-in of a customer's administrator. Enter a person's own address.")
    return None
