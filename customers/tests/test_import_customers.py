"""The service behind an import's rows: many customers at once, each once, no row at the cost of another."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.models import Contact, Customer, RowStatus, Tenant
from customers.services import ImportedCustomer, import_customers, imports
from customers.tests.factories import CustomerFactory, company, contact
from portal.common.errors import NotPermitted
from portal.jobs.tests.concurrency import shared_by_threads, together
from portal.partners.models import Membership

pytestmark = pytest.mark.django_db


@pytest.mark.django_db(transaction=True)
def test_two_imports_of_the_same_companies_at_once(
    partner: Any, admin_agent: Membership, actor_for: Any, tmp_path: Any
) -> None:
    """Each company is created once; the other import finds it known."""
    by = actor_for(admin_agent)
    rows = [
        ImportedCustomer(number=n, domain=f"r{n}.example.com", company=company(), contact=contact())
        for n in range(60)
    ]
    with shared_by_threads(tmp_path):
        results, errors = together(
            3, lambda n: import_customers(by=by, partner=partner, rows=rows[:: -1 if n else 1])
        )
        assert errors == []
        found = [outcome.status for result in results for outcome in result.values()]
        assert (found.count(RowStatus.CREATED), found.count(RowStatus.KNOWN)) == (60, 120)
        assert Customer.objects.count() == Contact.objects.count() == 60


def test_one_refused_row_stops_no_other(partner: Any, admin_agent: Membership, actor_for: Any) -> None:
    bad = ImportedCustomer(number=2, domain="b.example.com", company=company(company_name="GmbH"))
    good = ImportedCustomer(number=3, domain="c.example.com", company=company())
    found = import_customers(by=actor_for(admin_agent), partner=partner, rows=[bad, good])
    assert [found[n].status for n in (2, 3)] == [RowStatus.WRONG, RowStatus.CREATED]


def test_sales_agents_do_not_import(partner: Any, sales_agent: Membership, actor_for: Any) -> None:
    with pytest.raises(NotPermitted):
        import_customers(by=actor_for(sales_agent), partner=partner, rows=[])


def test_a_chunk_takes_as_many_queries_as_one_row(partner: Any, admin_agent: Membership, actor_for: Any) -> None:
    def queries(first: int, count: int) -> int:
        numbers = range(first, first + count)
        rows = [
            ImportedCustomer(number=n, domain=f"q{n}.example.com", company=company(), contact=contact())
            for n in numbers
        ]
        with CaptureQueriesContext(connection) as captured:
            import_customers(by=actor_for(admin_agent), partner=partner, rows=rows)
        return len(captured)

    assert queries(0, 1) == queries(1, 20) <= 15


def test_who_is_overtaken_between_look_and_insert_goes_row_by_row(
    partner: Any, admin_agent: Membership, actor_for: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A customer that appears at the worst moment costs its own row only."""
    rows = [ImportedCustomer(number=n, domain=f"w{n}.example.com", company=company()) for n in range(4)]
    look, looks = imports.match_rows, []

    def look_too_early(**said: Any) -> Any:
        seen = look(**said)
        if not looks:
            CustomerFactory(partner=partner, tenant=Tenant.objects.create(domain="w1.example.com"))
            Tenant.objects.create(domain="w2.example.com")
        looks.append(seen)
        return seen

    monkeypatch.setattr(imports, "match_rows", look_too_early)
    found = import_customers(by=actor_for(admin_agent), partner=partner, rows=rows)
    # The rows that appeared went with the savepoint; what matters is that every row was looked at again.
    assert len(looks) == 5
    assert [outcome.status for outcome in found.values()] == [RowStatus.CREATED] * 4
    assert Customer.objects.count() == 4


def test_a_row_that_stays_in_the_way_is_told(
    partner: Any, admin_agent: Membership, actor_for: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    Tenant.objects.create(domain="w1.example.com")
    rows = [ImportedCustomer(number=n, domain=f"w{n}.example.com", company=company()) for n in range(3)]
    monkeypatch.setattr(
        imports, "match_rows", lambda rows, **said: {row.number: imports.Outcome(RowStatus.VALID) for row in rows}
    )
    found = import_customers(by=actor_for(admin_agent), partner=partner, rows=rows)
    assert [found[n].status for n in range(3)] == [RowStatus.CREATED, RowStatus.WRONG, RowStatus.CREATED]
    assert "right now" in found[1].message
