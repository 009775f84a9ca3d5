"""Subscriptions in Partner Center's form."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from customers.models import Customer
from orders import rules
from orders.models import BillingPlan, Subscription, SubscriptionStatus
from orders.refunds import refundable_of
from portal.api.v1.catalog.names import cycle_of, offer_id
from portal.api.v1.subscriptions.schemas import (
    ProvisioningOut,
    RefundableDetail,
    RefundableQuantity,
    RefundOption,
    SubscriptionOut,
    SupportContactOut,
)
from portal.api.v1.wire import Attributes, Links, link

_RUNNING = (SubscriptionStatus.ACTIVE, SubscriptionStatus.SUSPENDED)
# How often a plan is billed, as a term.
_PERIODS = {BillingPlan.MONTHLY: "P1M", BillingPlan.ANNUAL: "P1Y", BillingPlan.TRIENNIAL: "P3Y"}


def path_of(customer_id: UUID, subscription_id: UUID) -> str:
    return f"/customers/{customer_id}/subscriptions/{subscription_id}"


def subscriptions_out(rows: Sequence[Subscription], customer: Customer) -> list[SubscriptionOut]:
    """rows: of this customer, read by `with_wire`."""
    now = timezone.now()
    refunds = refundable_of(rows)
    return [_out(row, customer, refunds.get(row.pk, []), now) for row in rows]


def _out(
    row: Subscription, customer: Customer, refunds: Sequence[rules.Refundable], now: datetime
) -> SubscriptionOut:
    sku, order = row.order_line.sku, row.order_line.order
    runs = row.status in _RUNNING
    is_whole = runs and sum(each.quantity for each in refunds) >= row.quantity
    until = refunds[0].until if is_whole else None
    return SubscriptionOut.model_construct(
        id=row.pk,
        offer_id=offer_id(sku),
        offer_name=row.title,
        friendly_name=row.name,
        quantity=row.quantity,
        unit_type=sku.unit or "Licenses",
        parent_subscription_id=row.parent_id,
        has_purchasable_addons=bool(getattr(row, "has_add_ons", False)),
        creation_date=row.started_at,
        effective_start_date=row.term_started_at,
        commitment_end_date=row.term_ends_at,
        cancellation_allowed_until_date=until,
        billing_cycle_end_date=_billed_until(row, now) if runs else None,
        status=rules.shown_status(row.status),
        suspension_reasons=_SUSPENDED_BECAUSE.get(row.status),
        auto_renew_enabled=row.auto_renew,
        is_trial=row.billing_plan == BillingPlan.NONE,
        billing_cycle=cycle_of(row.billing_plan),
        term_duration=str(row.term),
        renewal_term_duration=str(row.term) if row.auto_renew and runs else None,
        is_microsoft_product=sku.product.publisher.startswith("Microsoft"),
        publisher_name=sku.product.publisher,
        actions=_actions(row, can_cancel=is_whole or (runs and customer.partner.is_sandbox)),
        partner_id=(order.reseller.mpn_id or None) if order.reseller else None,
        refund_options=[RefundOption.model_construct(type="Full", expires_at=until)] if until else None,
        refundable_quantity=_refundable(refunds if runs else ()),
        order_id=order.number,
        links=_links(row, customer),
        attributes=Attributes.model_construct(object_type="Subscription", etag=row.version),
    )


# Why something is suspended to clients that nobody suspended.
_SUSPENDED_BECAUSE = {SubscriptionStatus.EXPIRED: ["Expired"], SubscriptionStatus.DISABLED: ["Disabled"]}


def _actions(row: Subscription, *, can_cancel: bool) -> list[str]:
    edit = ["edit"] if row.status in _RUNNING else []
    return [*edit, "cancel"] if can_cancel else edit


def _billed_until(row: Subscription, now: datetime) -> datetime:
    period = _PERIODS.get(BillingPlan(row.billing_plan), str(row.term))
    end = rules.term_end(started_at=row.term_started_at, term=period, after=max(now, row.term_started_at))
    return min(end, row.term_ends_at)


def _refundable(refunds: Sequence[rules.Refundable]) -> RefundableQuantity:
    details = [
        RefundableDetail.model_construct(quantity=each.quantity, allowed_until_date_time=each.until)
        for each in refunds
    ]
    total = sum(each.quantity for each in refunds)
    return RefundableQuantity.model_construct(total_quantity=total, details=details)


def _links(row: Subscription, customer: Customer) -> Links:
    sku, country = row.order_line.sku, customer.country
    own = path_of(customer.tenant_id, row.pk)
    product = f"/products/{sku.product.code}"
    links = {
        "self": link(own),
        "offer": link(f"/offers/{offer_id(sku)}?country={country}"),
        "product": link(f"{product}?country={country}"),
        "sku": link(f"{product}/skus/{sku.code}?country={country}"),
        "activationLinks": link(f"{own}/activationlinks"),
    }
    if row.parent_id is not None:
        links["parentSubscription"] = link(path_of(customer.tenant_id, row.parent_id))
    return links


def provisioning_out(row: Subscription) -> ProvisioningOut:
    is_pending = row.status == SubscriptionStatus.PENDING
    return ProvisioningOut(
        sku_id=offer_id(row.order_line.sku),
        status="pending" if is_pending else "success",
        quantity=row.quantity,
        end_date=row.term_ends_at,
        attributes=Attributes(object_type="SubscriptionProvisioningStatus"),
    )


def support_contact_out(row: Subscription, customer: Customer) -> SupportContactOut:
    supporter = row.supporter
    return SupportContactOut(
        support_tenant_id=supporter.tenant_id,
        support_mpn_id=supporter.mpn_id or None,
        name=supporter.name,
        links={"self": link(f"{path_of(customer.tenant_id, row.pk)}/supportcontact")},
        attributes=Attributes(object_type="SupportContact"),
    )
