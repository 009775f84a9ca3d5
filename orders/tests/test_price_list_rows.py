"""Reading a price list: what each cell may say, and what people are told to correct."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils import timezone

from orders.models import PriceList, PriceListRow
from orders.price_lists import cells
from orders.price_lists.cells import CellRefused
from orders.price_lists.columns import Column, find_columns
from orders.price_lists.rows import RowReader
from orders.tests.price_list_files import ROW, row
from portal.common.tables import TableRefused


def read(said: dict[str, str]) -> PriceListRow:
    columns = find_columns(list(said))
    return RowReader(PriceList(uploaded_at=timezone.now()), columns).read(2, list(said.values()))


def problems(**said: str) -> dict[str, str]:
    return dict(read(row(**said)).problems)


def test_a_row_says_everything_that_microsofts_list_says() -> None:
    found = read(row())
    assert found.is_good
    assert (found.product_code, found.sku_code, found.term, found.billing_plan) == (
        "CFQ7TTC0LH18",
        "0001",
        "P1Y",
        "monthly",
    )
    assert (found.market, found.currency, found.segment) == ("PL", "PLN", "commercial")
    assert (found.tier_min, found.tier_max) == (1, 300)
    assert (found.effective_from, found.effective_until) == (date(2026, 1, 1), None)
    assert (found.unit_price, found.erp_price) == (Decimal("25.2000"), Decimal("30.0000"))
    assert (found.product_title, found.unit, found.tags) == ("Microsoft 365 Business", "Licenses", "Base")


def test_columns_are_found_in_any_order_and_spelling() -> None:
    header = [*reversed(["product id", "SKU_ID", "SkuTitle", "TERM DURATION", "billing_plan", "market"])]
    header += ["Currency", "Unit Price", "Something else", "erp price", ""]
    found = find_columns(header)
    assert header[found[Column.PRODUCT_ID]] == "product id"
    assert header[found[Column.ERP_PRICE]] == "erp price"
    assert len(found) == 9


def test_optional_columns_may_be_missing() -> None:
    needed = "ProductId SkuId SkuTitle TermDuration BillingPlan Market Currency UnitPrice".split()
    found = read({name: ROW[name] for name in needed})
    assert found.is_good
    assert (found.segment, found.tier_min, found.tier_max, found.erp_price) == ("commercial", 1, None, None)
    assert found.effective_from == timezone.now().date()


@pytest.mark.parametrize("missing", ["ProductId", "SkuId", "TermDuration", "Market", "Currency", "UnitPrice"])
def test_a_missing_column_is_named(missing: str) -> None:
    with pytest.raises(TableRefused, match=missing):
        find_columns([name for name in ROW if name != missing])


def test_one_title_is_enough_and_one_is_needed() -> None:
    find_columns([name for name in ROW if name != "ProductTitle"])
    with pytest.raises(TableRefused, match="ProductTitle or SkuTitle"):
        find_columns([name for name in ROW if not name.endswith("Title")])


def test_a_column_that_comes_twice_is_refused() -> None:
    with pytest.raises(TableRefused, match="UnitPrice"):
        find_columns([*ROW, "unit price"])


@pytest.mark.parametrize(
    ("said", "amount"),
    [
        ("25.20", "25.2"),
        ("1,234.50", "1234.5"),
        ("1.234,50", "1234.5"),
        ("1 234,5", "1234.5"),
        ("1\u00a0234.5", "1234.5"),
        ("1'234'567.25", "1234567.25"),
        ("12,5", "12.5"),
        ("0,125", "0.125"),
        ("1,234,567", "1234567"),
        ("1.234.567", "1234567"),
        ("7", "7"),
        ("0", "0"),
        ("1.25000000", "1.25"),
        ("12,3456", "12.3456"),
    ],
)
def test_numbers_are_read_as_people_write_them(said: str, amount: str) -> None:
    assert cells.price(said) == Decimal(amount)


@pytest.mark.parametrize(
    "said",
    ["", "free", "1,234", "-1", "1.23456", "12.5.1", "1,23,456.7", "NaN", "1e5", "٣", "12345678901", "1.2,3.4", ".5"],
)
def test_other_numbers_are_refused(said: str) -> None:
    with pytest.raises(CellRefused):
        cells.price(said)


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("2026-01-31", date(2026, 1, 31)),
        ("2026-01-31T00:00:00Z", date(2026, 1, 31)),
        ("2026-01-31T23:59:59.9999999Z", date(2026, 1, 31)),
        ("2026-01-31 23:30:00-05:00", date(2026, 2, 1)),
        ("1/31/2026", date(2026, 1, 31)),
        ("1/31/2026 12:00:00 AM", date(2026, 1, 31)),
    ],
)
def test_days_are_read_iso_and_american(said: str, day: date) -> None:
    assert cells.day(said) == day


@pytest.mark.parametrize(
    "said", ["31/1/2026", "2026-02-30", "tomorrow", "46023", "31.01.2026", "2026-01-31T99:00:00+01:00"]
)
def test_other_days_are_refused(said: str) -> None:
    with pytest.raises(CellRefused, match="2026-01-31"):
        cells.day(said)


def test_without_end_is_written_in_several_ways() -> None:
    assert [cells.last_day(said) for said in ("", "9999-12-31", "12/31/9999 11:59:59 PM")] == [None] * 3
    assert [cells.highest(said) for said in ("", "99999999", "300")] == [None, None, 300]


def test_words_are_read_in_any_case() -> None:
    found = read(row(Segment="CHARITY", BillingPlan="ANNUAL", TermDuration="p1y", Market="us", Currency="usd"))
    assert (found.segment, found.billing_plan, found.term, found.market) == ("nonprofit", "annual", "P1Y", "US")


def test_a_sku_id_gets_its_zeros_back() -> None:
    assert [cells.sku_code(said) for said in ("1", "0001", "00a1")] == ["0001", "0001", "00A1"]


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("UnitPrice", ""),
        ("UnitPrice", "-3"),
        ("UnitPrice", "1.23456"),
        ("ERP Price", "cheap"),
        ("Market", "XX"),
        ("Market", ""),
        ("Currency", "ABC"),
        ("TermDuration", "P2Y"),
        ("BillingPlan", "weekly"),
        ("BillingPlan", "Triennial"),
        ("Segment", "military"),
        ("PricingTierRangeMin", "0"),
        ("PricingTierRangeMin", "1.5"),
        ("PricingTierRangeMax", "0"),
        ("EffectiveStartDate", "soon"),
        ("EffectiveEndDate", "2025-12-31"),
        ("ProductId", "no id!"),
        ("SkuId", ""),
        ("ProductTitle", "x" * 201),
        ("Tags", "x" * 501),
    ],
)
def test_a_bad_cell_is_named_with_what_to_do(column: str, said: str) -> None:
    found = problems(**{column.replace(" ", "_"): said})
    assert list(found) == [column]
    assert found[column]


def test_a_tier_may_not_end_before_it_begins() -> None:
    found = problems(PricingTierRangeMin="50", PricingTierRangeMax="10")
    assert list(found) == ["PricingTierRangeMax"]


def test_every_bad_cell_of_a_row_is_named_and_what_it_said_is_kept() -> None:
    bad = read(row(UnitPrice="free", Market="XX", SkuTitle="", ProductTitle=""))
    assert {column for column, _message in bad.problems} == {"UnitPrice", "Market", "ProductTitle"}
    assert not bad.is_good
    assert bad.cells["UnitPrice"] == "free"
