"""Importing a price list: what it changes, what it leaves alone, and that the same file twice changes nothing."""

from decimal import Decimal

import pytest
from django.core.files.storage import default_storage

from orders.models import Availability, Price, PriceList, Product, Sku
from orders.services import (
    AlreadyImported,
    begin_price_list,
    refuse_price_list,
    save_price,
    save_product,
    save_sku,
)
from orders.tests.price_list_files import ROW, STAFF, applied, as_csv, catalog, checked, many, row, uploaded
from portal.audit.models import AuditEvent
from portal.common.errors import RuleViolation

pytestmark = pytest.mark.django_db


def test_a_list_becomes_products_skus_availabilities_and_prices() -> None:
    yearly = row(BillingPlan="Annual", UnitPrice="302.40")
    done = applied(as_csv([row(), yearly, row(SkuId="0002", SkuTitle="Standard")]))
    assert (done.status, done.read_count, done.bad_count) == ("applied", 3, 0)
    assert (done.new_count, done.changed_count) == (3, 0)
    product = Product.objects.get()
    assert (product.code, product.title, product.publisher) == ("CFQ7TTC0LH18", "Microsoft 365 Business", "Microsoft")
    basic = Sku.objects.get(catalog_code="CFQ7TTC0LH18-0001")
    assert (basic.title, basic.unit, basic.tags) == ("Microsoft 365 Business Basic", "Licenses", "Base")
    assert (basic.min_quantity, basic.max_quantity) == (1, 300)
    assert Availability.objects.count() == Price.objects.count() == 3
    price = Price.objects.get(availability__billing_plan="annual")
    assert (price.unit_price, price.erp_price, price.effective_until) == (Decimal("302.4"), Decimal(30), None)
    assert not done.rows.exists()
    event = AuditEvent.objects.get(code="orders.price_list_applied")
    assert event.facts["digest"] == done.digest
    assert event.facts["new"] == {"products": 1, "skus": 2, "availabilities": 3, "prices": 3}


def test_a_new_sku_without_a_last_tier_has_much_room() -> None:
    applied(as_csv([row(PricingTierRangeMax="99"), row(PricingTierRangeMin="100", PricingTierRangeMax="")]))
    assert Sku.objects.get().max_quantity == 1_000_000
    assert Price.objects.count() == 2


def test_the_same_file_twice_changes_nothing() -> None:
    content = as_csv(many(40))
    applied(content)
    before = catalog()
    with pytest.raises(AlreadyImported, match="already"):
        uploaded(content)
    again = applied(content, is_again=True)
    assert (again.new_count, again.changed_count) == (0, 0)
    assert catalog() == before


def test_a_changed_file_changes_what_differs_and_nothing_else() -> None:
    applied(as_csv([row(), row(Market="DE", Currency="EUR", UnitPrice="6")]))
    sold = {each.market: each.public_id for each in Availability.objects.all()}
    american = row(SkuTitle="Basic", Market="US", Currency="USD", UnitPrice="7")
    done = applied(as_csv([row(UnitPrice="26"), american]))
    assert (done.new_count, done.changed_count) == (1, 1)
    prices = dict(Price.objects.values_list("availability__market", "unit_price"))
    assert prices == {"PL": Decimal(26), "DE": Decimal(6), "US": Decimal(7)}, "what is not in the list stays"
    assert Sku.objects.get().title == "Basic", "the last line says what it is called"
    kept = Availability.objects.filter(market__in=("PL", "DE"))
    assert {each.market: each.public_id for each in kept} == sold


def test_a_price_from_a_later_day_stands_beside_the_earlier_one() -> None:
    applied(as_csv([row()]))
    done = applied(as_csv([row(EffectiveStartDate="2026-07-01", UnitPrice="27")]))
    assert (done.new_count, done.changed_count) == (1, 0)
    sold = Availability.objects.get()
    later = sold.price_for(5, on=Price.objects.latest("effective_from").effective_from)
    assert later is not None
    assert later.unit_price == Decimal(27)


def test_blank_cells_and_the_bounds_of_staff_stay() -> None:
    applied(as_csv([row()]))
    sku = Sku.objects.get()
    sku.min_quantity, sku.max_quantity = 2, 50
    save_sku(by=STAFF, sku=sku)
    fewer = [name for name in ROW if name not in ("SkuDescription", "ERP Price", "UnitOfMeasure", "Publisher")]
    done = applied(as_csv([row(PricingTierRangeMax="500", UnitPrice="25.20")], columns=fewer))
    sku.refresh_from_db()
    assert (sku.min_quantity, sku.max_quantity, sku.description, sku.unit) == (2, 50, "Web apps", "Licenses")
    assert Price.objects.get().erp_price == Decimal(30)
    assert done.changed_count == 1, "the tier"


def test_what_staff_edited_meanwhile_is_put_right_again_when_asked() -> None:
    content = as_csv([row()])
    applied(content)
    price = Price.objects.get()
    price.unit_price = Decimal(1)
    save_price(by=STAFF, price=price)
    again = applied(content, is_again=True)
    assert (again.new_count, again.changed_count) == (0, 1)
    assert Price.objects.get().unit_price == Decimal("25.2")


def test_bad_rows_wait_for_the_decision_and_good_ones_can_go_on() -> None:
    found = checked(as_csv([row(), row(SkuId="0002", UnitPrice="free"), row(SkuId="0003")]))
    assert (found.status, found.read_count, found.bad_count) == ("checked", 3, 1)
    assert not Product.objects.exists(), "nothing is imported by being read"
    bad = found.rows.get(is_good=False)
    assert (bad.number, bad.problems[0][0]) == (3, "UnitPrice")
    done = applied(as_csv([row(), row(SkuId="0002", UnitPrice="free"), row(SkuId="0003")]))
    assert (done.new_count, done.bad_count) == (2, 1)
    assert done.rows.get() == done.rows.get(is_good=False), "kept for the report"


def test_two_prices_for_the_same_are_refused_by_line() -> None:
    found = checked(as_csv([row(), row(Market="DE"), row(), row(UnitPrice="26"), row(EffectiveEndDate="2026-12-31")]))
    assert found.bad_count == 2
    bad = list(found.rows.filter(is_good=False).order_by("number"))
    assert [each.number for each in bad] == [5, 6]
    assert "Line 2 has another price" in bad[0].problems[0][1]
    assert bad[0].cells["UnitPrice"] == "26.0000"
    assert list(found.rows.filter(is_good=True).values_list("number", flat=True)) == [2, 3], "said twice is said once"


def test_a_list_of_bad_rows_alone_cannot_be_imported() -> None:
    found = checked(as_csv([row(UnitPrice="free")]))
    with pytest.raises(RuleViolation, match="no good row"):
        begin_price_list(by=STAFF, price_list=found, queue=None)


def test_a_refused_list_changes_nothing_and_keeps_its_report() -> None:
    found = checked(as_csv([row(), row(UnitPrice="free")]))
    done = refuse_price_list(by=STAFF, price_list=found)
    assert (done.status, done.rows.count()) == ("refused", 1)
    assert not Product.objects.exists()
    with pytest.raises(RuleViolation):
        begin_price_list(by=STAFF, price_list=found, queue=None)
    assert AuditEvent.objects.filter(code="orders.price_list_refused").count() == 1


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "empty"),
        (b"%PDF-1.4", "not a table"),
        (as_csv([row()], columns=[name for name in ROW if name != "UnitPrice"]), "UnitPrice"),
        (as_csv([]), "no rows"),
    ],
)
def test_what_is_no_price_list_fails_with_the_reason(content: bytes, problem: str) -> None:
    found = checked(content)
    assert found.status == "failed"
    assert problem in found.problem
    assert not Product.objects.exists()


@pytest.mark.parametrize(
    "content",
    [
        as_csv([row()]).decode().encode("utf-8-sig"),
        as_csv([row()], delimiter="\t").decode().encode("utf-16"),
        as_csv([row(UnitPrice="25,20", ERP_Price="30,00")], delimiter=";"),
    ],
)
def test_encodings_and_separators_of_excel_are_understood(content: bytes) -> None:
    assert applied(content).new_count == 1
    assert Price.objects.get().unit_price == Decimal("25.2")


def test_the_file_goes_when_its_rows_are_read() -> None:
    price_list = uploaded(as_csv([row()]))
    assert default_storage.exists(price_list.file.name)


def test_one_submit_is_one_list() -> None:
    one, other = (uploaded(as_csv([row()]), submit_key="k") for _ in range(2))
    assert one == other
    assert PriceList.objects.count() == 1


def test_a_product_whose_id_was_corrected_gets_its_prices() -> None:
    applied(as_csv([row(ProductId="CFQ7TTCWRONG")]))
    product = Product.objects.get()
    product.code = ROW["ProductId"]
    save_product(by=STAFF, product=product)
    assert Sku.objects.get().catalog_code == "CFQ7TTC0LH18-0001"
    done = applied(as_csv([row(UnitPrice="26"), row(Market="DE", Currency="EUR")]))
    assert (done.new_count, done.changed_count) == (1, 1)
