"""The writes of an order by hand: look whether an acceptance counts, then insert, all in one transaction."""

import secrets
import uuid
from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

# Customer and the record to rely on, the customer's row locked; the partner comes from the signed-in person.
CLEARED = (
    "SELECT c.id, c.partner_id, c.tenant_id, a.id, a.scope FROM customers_customer c "
    "JOIN agreements_attestation a ON a.tenant_id = c.tenant_id AND a.scope IN (0, c.partner_id) "
    "WHERE c.tenant_id = %s AND c.removed_at IS NULL AND c.partner_id = "
    "(SELECT partner_id FROM partners_membership WHERE user_id = %s AND is_active LIMIT 1) "
    "AND NOT EXISTS (SELECT 1 FROM agreements_attestation s WHERE s.supersedes_id = a.id) "
    "AND NOT EXISTS (SELECT 1 FROM agreements_attestationevent e WHERE e.attestation_id = a.id) "
    "ORDER BY a.id DESC LIMIT 1 FOR UPDATE OF c"
)
PRICE = (
    "SELECT a.sku_id, a.currency, a.segment, a.term, a.billing_plan, s.title, p.unit_price "
    "FROM orders_availability a JOIN orders_sku s ON s.id = a.sku_id JOIN orders_price p ON p.availability_id = a.id "
    "WHERE a.public_id = %s"
)


def _insert(cursor: Any, table: str, row: dict[str, Any], answer: str = "id") -> Any:
    columns, places = ", ".join(row), ", ".join(["%s"] * len(row))
    cursor.execute(f"INSERT INTO {table} ({columns}) VALUES ({places}) RETURNING {answer}", list(row.values()))  # noqa: S608 - our own tables and columns
    return cursor.fetchone()[0]


def _cleared(cursor: Any, request: HttpRequest) -> tuple[Any, ...]:
    cursor.execute(CLEARED, [request.POST["customer"], request.user.pk])
    return tuple(cursor.fetchone())


@login_required
def order(request: HttpRequest) -> HttpResponse:
    """An order of one line, with its subscription."""
    now, quantity = timezone.now(), int(request.POST["quantity"])
    with transaction.atomic(), connection.cursor() as cursor:
        customer, partner, tenant, acceptance, scope = _cleared(cursor, request)
        cursor.execute(PRICE, [request.POST["availability"]])
        sku, currency, segment, term, plan, title, price = cursor.fetchone()
        number = secrets.token_hex(5).upper()
        whose = {"partner_id": partner, "customer_id": customer}
        relied = {"cloud": "public", "tenant_id": tenant, "acceptance_id": acceptance, "acceptance_scope": scope}
        placed = {"currency": currency, "total": price * quantity, "placed_at": now}
        by = {"placed_by_id": request.user.pk, "placed_by_name": "Ada Admin"}
        said = {"number": number, "status": "completed", "purchase_order_number": "", "transacted_as": "direct_bill"}
        made = _insert(cursor, "orders_order", {**whose, **relied, **placed, **by, **said})
        sold = {"title": title, "term": term, "billing_plan": plan, "segment": segment, "quantity": quantity}
        line = {"order_id": made, "number": 0, "sku_id": sku, "unit_price": price, **sold}
        line_id = _insert(cursor, "orders_orderline", line)
        ends = now + timedelta(days=365)
        times = {"started_at": now, "term_started_at": now, "term_ends_at": ends, "due_at": ends}
        more = {"id": uuid.uuid4(), "order_line_id": line_id, "status": "active", "auto_renew": True}
        row = {**whose, **sold, **times, **more, "currency": currency, "unit_price": price}
        _insert(cursor, "orders_subscription", row)
    return HttpResponseRedirect(f"/orders/{number}/")


@login_required
def confirm(request: HttpRequest) -> HttpResponse:
    """That the customer accepted: the record and the person."""
    now = timezone.now()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.partner_id, d.id FROM customers_customer c, agreements_agreementdocument d "
            "WHERE c.tenant_id = %s AND d.country = 'SE' AND c.partner_id = "
            "(SELECT partner_id FROM partners_membership WHERE user_id = %s AND is_active LIMIT 1) FOR UPDATE OF c",
            [request.POST["customer"], request.user.pk],
        )
        partner, document = cursor.fetchone()
        record = {
            "reference": uuid.uuid4(),
            "tenant_id": request.POST["customer"],
            "partner_id": partner,
            "scope": partner,
            "agreement_type": "MicrosoftCustomerAgreement",
            "document_id": document,
            "method": "confirmed",
            "agreed_on": request.POST["agreed_on"],
            "evidence_kind": "email",
            "person_digest": "",
            "supersede_reason": "",
            "recorded_at": now,
            "recorded_on": now.date(),
            "time_zone": "UTC",
            "actor_kind": "agent",
            "actor_user_id": request.user.pk,
            "actor_name": "Ada Admin",
            "roles": "[]",
            "door": "order",
            "request_id": "",
        }
        made = _insert(cursor, "agreements_attestation", record)
        sent = {name: request.POST[name] for name in ("first_name", "last_name", "email")}
        kept = {"attestation_id": made, "phone": "", "evidence_note": "", "reason_note": "", "salt": ""}
        _insert(cursor, "agreements_attestationperson", {**sent, **kept})
    return HttpResponseRedirect("/order/")


@login_required
def licences(request: HttpRequest) -> HttpResponse:
    """Another licence count, with the record it relied on."""
    now, wanted = timezone.now(), int(request.POST["quantity"])
    with transaction.atomic(), connection.cursor() as cursor:
        customer, partner, tenant, acceptance, scope = _cleared(cursor, request)
        cursor.execute(
            "SELECT id, quantity FROM orders_subscription WHERE id = %s AND customer_id = %s FOR UPDATE",
            [request.POST["subscription"], customer],
        )
        subscription, before = cursor.fetchone()
        change = {
            "partner_id": partner,
            "customer_id": customer,
            "cloud": "public",
            "tenant_id": tenant,
            "acceptance_id": acceptance,
            "acceptance_scope": scope,
            "subscription_id": subscription,
            "from_quantity": before,
            "to_quantity": wanted,
            "reason": "customer_asked",
            "changed_at": now,
            "changed_by_name": "Ada Admin",
        }
        _insert(cursor, "orders_licencechange", change)
        cursor.execute("UPDATE orders_subscription SET quantity = %s WHERE id = %s", [wanted, subscription])
    return HttpResponseRedirect(f"/subscriptions/{subscription}/")
