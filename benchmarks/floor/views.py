"""What somebody would write by hand for one page: one or a few SQL statements, a loop in a template."""

import json
import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

PAGE = 50
# Of an answer of the API.
LARGEST = 500
COLUMNS = (
    "t.id, c.company_name, t.domain, c.country, c.agreed_on, c.subscription_count, c.updated_at, c.name_key, c.id"
)
# The partner comes from the signed-in person, in the same statement.
OWN = (
    "FROM customers_customer c JOIN customers_tenant t ON t.id = c.tenant_id "
    "WHERE c.partner_id = (SELECT partner_id FROM partners_membership WHERE user_id = %s AND is_active LIMIT 1) "
    "AND c.removed_at IS NULL AND c.deleted_at IS NULL"
)
ORDER = f"ORDER BY c.name_key, c.id LIMIT {PAGE}"


def _rows(sql: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


@login_required
def customer_list(request: HttpRequest) -> HttpResponse:
    """The first page, or the one after the company that `after` names."""
    where, values = "", [request.user.pk]
    if after := request.GET.get("after"):
        (start,) = _rows(f"SELECT c.name_key, c.id {OWN} AND c.tenant_id = %s", [*values, after])
        where, values = "AND (c.name_key, c.id) > (%s, %s)", [*values, *start]
    rows = _rows(f"SELECT {COLUMNS} {OWN} {where} {ORDER}", values)
    return render(request, "floor/list.html", {"rows": rows})


@login_required
def customers_json(request: HttpRequest) -> HttpResponse:
    """The first 500 companies as the API has them, dumped in one go."""
    rows = _rows(
        f"SELECT t.id, c.company_name, t.domain {OWN} ORDER BY c.name_key, c.id LIMIT {LARGEST}", [request.user.pk]
    )
    items = [
        {
            "id": str(pk),
            "companyProfile": {
                "tenantId": str(pk),
                "domain": domain,
                "companyName": name,
                "attributes": {"objectType": "CustomerCompanyProfile"},
            },
            "relationshipToPartner": "reseller",
            "links": {"self": {"uri": f"/customers/{pk}", "method": "GET", "headers": []}},
            "attributes": {"objectType": "Customer"},
        }
        for pk, name, domain in rows
    ]
    page = {"totalCount": len(items), "items": items, "attributes": {"objectType": "Collection"}}
    return HttpResponse(json.dumps(page, ensure_ascii=False), content_type="application/json")


@login_required
def search(request: HttpRequest) -> HttpResponse:
    """Companies with the text anywhere in what is searched, in the order of names."""
    sql = f"SELECT {COLUMNS} {OWN} AND c.search_text LIKE %s {ORDER}"
    rows = _rows(sql, [request.user.pk, f"%{request.GET['q'].lower()}%"])
    return render(request, "floor/list.html", {"rows": rows})


@login_required
def account(request: HttpRequest, tenant_id: uuid.UUID) -> HttpResponse:
    """A company, its people, the records of its acceptance, its orders and subscriptions."""
    own = [request.user.pk, tenant_id]
    columns = "c.id, c.partner_id, c.company_name, t.id, t.domain, c.country, c.address_line1, c.postal_code, c.city"
    facts = "c.registration_number, c.attested_on, c.direct_on"
    (customer,) = _rows(f"SELECT {columns}, {facts} {OWN} AND c.tenant_id = %s", own)
    pk, partner = customer[:2]
    context = {
        "customer": customer[2:],
        "contacts": _rows(
            "SELECT first_name, last_name, email, phone FROM customers_contact WHERE customer_id = %s "
            "ORDER BY last_name, id",
            [pk],
        ),
        "records": _rows(
            "SELECT a.reference, a.agreed_on, a.method, a.evidence_kind, a.recorded_at, a.actor_name, p.first_name, "
            "p.last_name, p.email FROM agreements_attestation a "
            "LEFT JOIN agreements_attestationperson p ON p.attestation_id = a.id "
            "WHERE a.tenant_id = %s AND a.scope IN (0, %s) ORDER BY a.recorded_at DESC, a.id DESC LIMIT 20",
            [tenant_id, partner],
        ),
        "orders": _rows(
            "SELECT number, status, placed_at FROM orders_order WHERE customer_id = %s "
            "ORDER BY placed_at DESC, id DESC LIMIT 5",
            [pk],
        ),
        "subscriptions": _rows(
            "SELECT title, quantity, started_at FROM orders_subscription "
            "WHERE customer_id = %s AND status = 'active' ORDER BY title, started_at",
            [pk],
        ),
    }
    return render(request, "floor/account.html", context)


@login_required
def create(request: HttpRequest) -> HttpResponse:
    """Tenant, administrator with a password hashed as the portal does, customer and contact, all or nothing."""
    sent, now = request.POST, timezone.now()
    tenant, contact = uuid.uuid4(), uuid.uuid4()
    name, domain, email = sent["name"], sent["domain"], sent["email"]
    password = make_password(uuid.uuid4().hex)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO customers_tenant (id, domain, created_at) VALUES (%s, %s, %s)", [tenant, domain, now]
        )
        cursor.execute(
            "INSERT INTO partners_user (password, is_superuser, public_id, email, name, is_staff, is_active, "
            "must_change_password, created_at) VALUES (%s, false, %s, %s, %s, false, true, true, %s)",
            [password, uuid.uuid4(), f"admin@{domain}", domain, now],
        )
        cursor.execute(
            "INSERT INTO customers_customer (tenant_id, partner_id, company_name, country, address_line1, "
            "address_line2, city, state, postal_code, registration_number, language, primary_contact_id, "
            "qualification, education_segment, website, qualification_status, account_status, subscription_count, "
            "pushed_words, search_text, name_key, relationship_accepted_at, allows_delegated_admin, removed_by_name, "
            "created_at, updated_at, version) SELECT %s, partner_id, %s, 'SE', %s, '', %s, '', %s, '', 'en-US', %s, "
            "'none', '', '', '', 'approved', 0, '', %s, %s, %s, false, '', %s, %s, 1 FROM partners_membership "
            "WHERE user_id = %s RETURNING id",
            [
                *(tenant, name, "Storgatan 1", "Stockholm", "111 22", contact),
                *(f" {name} {domain} {email}".lower(), name.lower(), now, now, now, request.user.pk),
            ],
        )
        (customer,) = cursor.fetchone()
        cursor.execute(
            "INSERT INTO customers_contact (customer_id, public_id, first_name, last_name, email, phone, version) "
            "VALUES (%s, %s, %s, %s, %s, '', 1)",
            [customer, contact, "Åsa", "Öberg", email],
        )
    return render(request, "floor/created.html", {"tenant": tenant, "domain": domain})
