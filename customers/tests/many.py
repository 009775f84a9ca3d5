"""Very many customers in no time, for tests of what must not grow with them: rows without contacts."""

import uuid
from typing import Any

from customers.models import Customer, Tenant
from portal.common.folding import fold, search_text
from portal.partners.models import Partner


def fill(partner: Partner, count: int, *, name: str = "Filler {number:06d} Ltd", **fields: Any) -> list[Customer]:
    """Add so many customers of the partner; `name` may use {number}."""
    tenants = [Tenant(domain=f"f{uuid.uuid4().hex}.onmicrosoft.com") for _ in range(count)]
    Tenant.objects.bulk_create(tenants, batch_size=2000)
    rows = []
    for number, tenant in enumerate(tenants):
        company = name.format(number=number)
        row = Customer(partner=partner, tenant=tenant, company_name=company, **{"country": "PL", **fields})
        row.name_key, row.search_text = fold(company), search_text(company, tenant.domain)
        rows.append(row)
    return Customer.objects.bulk_create(rows, batch_size=2000)
