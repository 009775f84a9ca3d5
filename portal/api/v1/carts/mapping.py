"""Carts between the wire and the room of orders."""

from collections.abc import Sequence
from typing import Any

from orders.api_lines import CartItem, Judged
from orders.models import ApiCart
from orders.refusing import Unfit
from orders.services import CheckedOut
from portal.api.v1.carts.checkout import CheckoutOut, OrderError
from portal.api.v1.carts.codes import ANY_LINE_ERROR, LINE_ERRORS
from portal.api.v1.carts.schemas import (
    CartError,
    CartIn,
    CartLineIn,
    CartLineOut,
    CartOut,
    Participant,
    RenewsTo,
    moment_text,
)
from portal.api.v1.catalog.names import cycle_of, plans_of
from portal.api.v1.faults import CODES, INVALID, Fault
from portal.api.v1.orders.mapping import orders_by_numbers
from portal.api.v1.wire import Attributes, link
from portal.partners.models import Partner

BAD_LINES, TRANSACTION_RESELLER = 800009, "transaction_reseller"


def items_of(body: CartIn, partner: Partner) -> list[CartItem]:
    """The lines that came. Raises Fault 400/800009 where there are none, or one names nothing."""
    if not body.line_items:
        raise Fault(400, BAD_LINES, "Put at least one line into lineItems.", data=["lineItems"])
    given = [line.id for line in body.line_items]
    is_numbered = None not in given and len(set(given)) == len(given)
    return [
        _item(line, place if not is_numbered or line.id is None else line.id, partner)
        for place, line in enumerate(body.line_items)
    ]


def _item(line: CartLineIn, number: int, partner: Partner) -> CartItem:
    if not line.catalog_item_id.strip():
        raise Fault(400, BAD_LINES, "Every line names its catalogItemId.", data=["catalogItemId"])
    renews_to = line.renews_to[:1] if isinstance(line.renews_to, list) else [line.renews_to or RenewsTo()]
    resellers = {each.value.strip() for each in line.participants if each.key == TRANSACTION_RESELLER}
    named = resellers - {"", partner.mpn_id}
    if len(named) > 1:
        raise Fault(400, BAD_LINES, "One line has one transaction reseller.", data=["participants"])
    ends_on = line.custom_term_end_date
    return CartItem(
        number=number,
        name=line.catalog_item_id.strip(),
        quantity=line.quantity,
        term=line.term_duration or "",
        plans=plans_of(line.billing_cycle),
        currency=line.currency_code.strip(),
        group=line.order_group.strip() or "0",
        friendly_name=line.friendly_name.strip(),
        reseller=named.pop() if named else "",
        promotion=line.promotion_id.strip(),
        renewal_term=next((each.term_duration for each in renews_to if each.term_duration), ""),
        ends_on=moment_text(ends_on) if ends_on else "",
        said=_said(line),
        add_ons=tuple(_item(each, place, partner) for place, each in enumerate(line.addon_items)),
    )


def _said(line: CartLineIn) -> dict[str, Any]:
    """What is kept as it came, and answered so."""
    kept = {
        "billingCycle": line.billing_cycle,
        "participants": [each.model_dump(by_alias=True) for each in line.participants],
        "provisioningContext": line.provisioning_context,
        "attestationAccepted": line.attestation_accepted,
    }
    return {name: value for name, value in kept.items() if value not in (None, [], {})}


def cart_out(cart: ApiCart, lines: Sequence[Judged]) -> CartOut:
    """lines: judged now; of an ordered cart nothing stands against any more."""
    return CartOut.model_construct(
        id=cart.pk,
        creation_timestamp=cart.created_at,
        last_modified_timestamp=cart.updated_at,
        expiration_timestamp=cart.expires_at,
        last_modified_user=cart.updated_by,
        status="Ordered" if cart.is_ordered else "Active",
        partner_on_record_attestation_accepted=cart.is_attested,
        line_items=[_line_out(each, is_open=not cart.is_ordered) for each in lines],
        links={"self": link(f"/customers/{cart.customer.tenant_id}/carts/{cart.pk}")},
        attributes=Attributes(object_type="Cart"),
    )


def _line_out(each: Judged, *, is_open: bool) -> CartLineOut:
    item, sold = each.item, each.sold
    participants = [Participant(**one) for one in item.said.get("participants", [])]
    return CartLineOut.model_construct(
        id=item.number,
        catalog_item_id=item.name,
        friendly_name=item.friendly_name or None,
        quantity=item.quantity,
        currency_code=(sold.currency if sold else item.currency) or None,
        billing_cycle=cycle_of(sold.billing_plan) if sold else item.said.get("billingCycle", "unknown"),
        term_duration=(sold.term if sold else item.term) or None,
        renews_to=RenewsTo(term_duration=item.renewal_term) if item.renewal_term else None,
        promotion_id=item.promotion or None,
        participants=participants or None,
        provisioning_context=item.said.get("provisioningContext"),
        order_group=item.group,
        custom_term_end_date=item.ends_on or None,
        attestation_accepted=item.said.get("attestationAccepted"),
        addon_items=[_line_out(one, is_open=is_open) for one in each.add_ons] or None,
        error=_error(each.refusal) if is_open and each.refusal else None,
    )


def _error(refusal: Unfit) -> CartError:
    code = LINE_ERRORS.get(refusal.code, ANY_LINE_ERROR)
    return CartError(error_code=code, error_description=str(refusal.reason))


def checkout_out(outcome: CheckedOut) -> CheckoutOut:
    return CheckoutOut.model_construct(
        orders=orders_by_numbers(outcome.orders),
        order_errors=[
            OrderError(order_group_id=each.group, code=CODES.get(each.code, (400, INVALID))[1], description=each.text)
            for each in outcome.errors
        ],
        attributes=Attributes(object_type="CartCheckoutResult"),
    )
