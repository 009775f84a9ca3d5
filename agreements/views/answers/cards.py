"""What a visitor sees: one card a partner that asks the company, or has a relationship with it."""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from agreements.models import AgreementTemplate, Invitation, InvitationState, Place
from agreements.services import contact_scenarios, is_own_disputed
from agreements.views.answers.visitors import Visitor
from customers.models import Customer, Tenant
from customers.rules import Standing, standing
from portal.partners.models import Partner


class Says(StrEnum):
    """What stands between the company and a partner."""

    ASKS = "asks"
    MAY = "may"
    CONTACT = "contact"
    ELSEWHERE = "elsewhere"
    ACCEPTED = "accepted"
    CONFIRMED = "confirmed"
    SETTLED = "settled"
    DISPUTED = "disputed"
    DECLINED = "declined"
    EXPIRED = "expired"
    REVOKED = "revoked"
    ENDED = "ended"
    NOT_APPLICABLE = "not_applicable"


# There is something that the visitor can answer.
ANSWERABLE = (Says.ASKS, Says.MAY)
# Nothing holds any more that the agreement's text is needed for.
OVER = (Says.DECLINED, Says.EXPIRED, Says.REVOKED, Says.ENDED, Says.NOT_APPLICABLE)

_ENDS = {
    InvitationState.ACCEPTED: Says.ACCEPTED,
    InvitationState.SETTLED: Says.SETTLED,
    InvitationState.DECLINED: Says.DECLINED,
    InvitationState.EXPIRED: Says.EXPIRED,
    InvitationState.REVOKED: Says.REVOKED,
    InvitationState.TO_CONFIRM: Says.CONTACT,
}


@dataclass(frozen=True)
class Card:
    """key: which question it is, carried by its forms; customer: None until a relationship that is asked for is
    accepted; on: the day or moment that `says` is about; scenario: of seed 001, where the partner has to confirm.
    """

    key: str
    partner: Partner
    invitation: Invitation | None
    customer: Customer | None
    says: Says
    on: date | datetime | None = None
    scenario: int | None = None
    is_administrator: bool = False

    @property
    def company_name(self) -> str:
        named = self.customer or self.invitation
        return named.company_name if named is not None else ""

    @property
    def is_answerable(self) -> bool:
        return self.says in ANSWERABLE

    @property
    def asks_relationship(self) -> bool:
        """Whether a relationship begins with the answer, rather than going on."""
        invitation = self.invitation
        return invitation is not None and invitation.request is not None and invitation.customer is None

    @property
    def is_claimed(self) -> bool:
        """Whether so far only the partner says that there is a relationship."""
        return self.customer is not None and self.customer.relationship_accepted_at is None

    @property
    def needs_company(self) -> bool:
        """Whether the company's details are asked for: the partner has no customer yet that they are known of."""
        return self.asks_relationship and self.customer is None


def cards_of(visitor: Visitor) -> list[Card]:
    """Every partner that the visitor may know of: by a link the one that sent it, as the administrator all."""
    own = _own_cards(visitor.tenant) if visitor.tenant is not None else []
    by_link = [_of_link(each, visitor, own) for each in visitor.links]
    found = [card for card in by_link if card is not None]
    answered = {card.partner.pk for card in found if card.is_administrator}
    return [*found, *(card for card in own if card.partner.pk not in answered)]


def find_card(
    cards: Iterable[Card], partner_id: UUID, key: str = "", *, answered: Container[str] = ()
) -> Card | None:
    """The partner's card, the one of this key if there are several.

    answered: keys of questions that, once they are answered, the administrator's own card of the partner tells of.
    """
    same = [card for card in cards if card.partner.tenant_id == partner_id]
    found = next((card for card in same if not key or card.key == key), None)
    if found is None and key in answered:
        return next((card for card in same if card.is_administrator), None)
    return found


def _of_link(invitation: Invitation, visitor: Visitor, own: list[Card]) -> Card | None:
    """None for what the administrator's own cards tell better."""
    is_request = invitation.request is not None and invitation.customer is None
    if visitor.tenant is not None:
        customer = invitation.customer
        if customer is not None and customer.tenant_id == visitor.tenant.pk:
            return None
        if is_request and not invitation.outcome and not invitation.is_expired:
            known = next((card.customer for card in own if card.partner.pk == invitation.partner_id), None)
            return _asking(invitation, known, _scenario(visitor.tenant, invitation), is_administrator=True)
    ended = _ENDS.get(invitation.state)
    if ended is not None:
        at = invitation.expires_at if ended == Says.EXPIRED else invitation.closed_at or invitation.to_confirm_at
        return Card(str(invitation.public_id), invitation.partner, invitation, invitation.customer, ended, at)
    if invitation.customer is not None and not invitation.customer.is_active:
        key, gone = str(invitation.public_id), invitation.customer
        return Card(key, invitation.partner, invitation, gone, Says.ENDED, gone.removed_at)
    tenant = invitation.customer.tenant if invitation.customer is not None else None
    scenario = _scenario(tenant, invitation) if tenant is not None else None
    return _asking(invitation, invitation.customer, scenario, is_administrator=False)


def _asking(
    invitation: Invitation, customer: Customer | None, scenario: int | None, *, is_administrator: bool
) -> Card:
    return Card(
        key=str(invitation.public_id),
        partner=invitation.partner,
        invitation=invitation,
        customer=customer,
        says=Says.ASKS,
        scenario=scenario,
        is_administrator=is_administrator,
    )


def _scenario(tenant: Tenant, invitation: Invitation) -> int | None:
    return contact_scenarios(tenant=tenant, partner_ids=[invitation.partner_id])[invitation.partner_id]


def _own_cards(tenant: Tenant) -> list[Card]:
    related = Customer.objects.active().filter(tenant=tenant).select_related("tenant", "partner")
    customers = list(related.order_by("partner__name", "id"))
    asking = Invitation.objects.alive().with_details().filter(customer__in=customers)
    invitations = {invitation.customer_id: invitation for invitation in asking}
    scenarios = contact_scenarios(tenant=tenant, partner_ids=[each.partner_id for each in customers])
    # The partners' calendars differ by two days at most, whatever their number.
    days = {each.partner.today for each in customers}
    stale_before = {day: AgreementTemplate.objects.stale_before(today=day) for day in days}
    is_disputed = is_own_disputed(tenant=tenant)
    return [
        _own_card(
            customer,
            invitations.get(customer.pk),
            scenarios[customer.partner_id],
            stale_before=stale_before.get(customer.partner.today),
            is_disputed=is_disputed,
        )
        for customer in customers
    ]


def _own_card(
    customer: Customer,
    invitation: Invitation | None,
    scenario: int | None,
    *,
    stale_before: date | None,
    is_disputed: bool,
) -> Card:
    """is_disputed: the company's own acceptance. Where it is the partner's word, the company's own settles it."""
    partner = customer.partner
    where = standing(customer, has_agreement=partner.has_agreement, stale_before=stale_before)
    on: date | datetime | None = None
    if where == Standing.NOT_APPLICABLE:
        says = Says.NOT_APPLICABLE
    elif where == Standing.COVERED:
        direct = customer.direct_on
        is_direct = direct is not None and (stale_before is None or direct >= stale_before)
        says, on = (Says.ACCEPTED, direct) if is_direct else (Says.CONFIRMED, customer.attested_on)
    elif where == Standing.DISPUTED and is_disputed:
        says, on = Says.DISPUTED, customer.disputed_at
    elif invitation is None:
        says = Says.MAY
    elif invitation.to_confirm_at is not None:
        says, on = Says.CONTACT, invitation.to_confirm_at
    else:
        says = Says.ELSEWHERE if invitation.place == Place.MICROSOFT else Says.ASKS
    return Card(str(customer.tenant_id), partner, invitation, customer, says, on, scenario, is_administrator=True)
