"""The standing: one decision in Python, the same in SQL, over a full grid of facts."""

from datetime import UTC, date, datetime
from itertools import product
from types import SimpleNamespace

import pytest

from customers.models import Customer
from customers.rules import STANDING_LABELS, Standing, standing
from customers.tests.factories import TenantFactory
from portal.partners.models import Cloud
from portal.partners.tests.factories import PartnerFactory

OLD, EDGE, NEW = date(2020, 1, 1), date(2024, 6, 1), date(2025, 1, 1)
MOMENT = datetime(2025, 2, 2, tzinfo=UTC)
DAYS = (None, OLD, EDGE, NEW)
FACTS = tuple(product(DAYS, DAYS, (None, MOMENT), (None, MOMENT)))
STALE_DATES = (None, OLD, EDGE, date(2024, 6, 2), date(2030, 1, 1))


@pytest.fixture
def grid(db: None) -> list[Customer]:
    """A customer for every combination of facts, in every cloud."""
    rows = []
    for cloud in Cloud:
        partner = PartnerFactory(cloud=cloud)
        for attested_on, direct_on, disputed_at, invited_at in FACTS:
            rows.append(
                Customer(
                    tenant=TenantFactory(),
                    partner=partner,
                    company_name="X",
                    country="PL",
                    attested_on=attested_on,
                    direct_on=direct_on,
                    disputed_at=disputed_at,
                    invited_at=invited_at,
                )
            )
    return Customer.objects.bulk_create(rows)


@pytest.mark.parametrize("stale_before", STALE_DATES)
def test_sql_and_python_decide_alike(grid: list[Customer], stale_before: date | None) -> None:
    rows = Customer.objects.with_account().with_standing(stale_before=stale_before)
    seen = set()
    for row in rows:
        expected = standing(row, has_agreement=row.partner.has_agreement, stale_before=stale_before)
        assert row.standing == expected, f"{vars(row)} stale before {stale_before}"
        seen.add(expected)
    assert rows.count() == len(Cloud) * len(FACTS)
    assert len(seen) >= 5, "the grid is meant to reach nearly every standing"


@pytest.mark.scenario("R7")
@pytest.mark.parametrize("stale_before", STALE_DATES)
def test_awaiting_is_what_blocks_orders(grid: list[Customer], stale_before: date | None) -> None:
    waiting = Customer.objects.awaiting_acceptance(stale_before=stale_before)
    assert {row.standing for row in waiting} <= {"disputed", "stale", "pending", "missing"}
    fine = Customer.objects.with_standing(stale_before=stale_before).filter(
        standing__in=["covered", "not_applicable"]
    )
    assert waiting.count() + fine.count() == len(grid)


@pytest.mark.parametrize(
    ("facts", "stale_before", "expected"),
    [
        ((NEW, None, None, None), None, Standing.COVERED),
        ((None, NEW, None, None), None, Standing.COVERED),
        ((EDGE, None, None, None), EDGE, Standing.COVERED),
        ((OLD, None, None, None), EDGE, Standing.STALE),
        ((OLD, NEW, None, None), EDGE, Standing.COVERED),
        ((OLD, None, None, MOMENT), EDGE, Standing.STALE),
        ((None, None, MOMENT, MOMENT), None, Standing.DISPUTED),
        ((OLD, None, MOMENT, None), EDGE, Standing.DISPUTED),
        ((None, None, None, MOMENT), None, Standing.PENDING),
        ((None, None, None, None), None, Standing.MISSING),
    ],
)
def test_the_order_of_the_architecture(
    facts: tuple[date | None, date | None, datetime | None, datetime | None],
    stale_before: date | None,
    expected: Standing,
) -> None:
    names = ("attested_on", "direct_on", "disputed_at", "invited_at")
    row = SimpleNamespace(**dict(zip(names, facts, strict=True)))
    assert standing(row, has_agreement=True, stale_before=stale_before) == expected
    assert standing(row, has_agreement=False, stale_before=stale_before) == Standing.NOT_APPLICABLE


def test_every_standing_has_a_label() -> None:
    assert set(STANDING_LABELS) == set(Standing)
