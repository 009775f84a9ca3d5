"""Price lists as tests need them: a file with the rows that matter, and what the catalog says of itself."""

import csv
import io
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.apps import apps
from django.core.files.base import ContentFile

from orders.models import PriceList
from orders.price_lists.work import read_price_list
from orders.services import apply_price_list, begin_price_list, upload_price_list
from portal.common.actor import Actor, ActorKind, Door

STAFF = Actor(kind=ActorKind.STAFF, name="Stefan Staff", door=Door.ADMIN_SITE)
ROW = {
    "ProductTitle": "Microsoft 365 Business",
    "ProductId": "CFQ7TTC0LH18",
    "SkuId": "0001",
    "SkuTitle": "Microsoft 365 Business Basic",
    "Publisher": "Microsoft",
    "SkuDescription": "Web apps",
    "UnitOfMeasure": "Licenses",
    "TermDuration": "P1Y",
    "BillingPlan": "Monthly",
    "Market": "PL",
    "Currency": "PLN",
    "UnitPrice": "25.20",
    "PricingTierRangeMin": "1",
    "PricingTierRangeMax": "300",
    "EffectiveStartDate": "2026-01-01T00:00:00Z",
    "EffectiveEndDate": "9999-12-31T00:00:00Z",
    "Tags": "Base",
    "ERP Price": "30.00",
    "Segment": "Commercial",
}
CATALOG = ("Product", "Sku", "Availability", "Price")


def row(**said: str) -> dict[str, str]:
    """A good row; said: what differs, `ERP_Price` for the column with the blank."""
    return {**ROW, **{name.replace("_", " "): text for name, text in said.items()}}


def as_csv(rows: Iterable[Mapping[str, str]], *, columns: Iterable[str] = tuple(ROW), delimiter: str = ",") -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(columns), extrasaction="ignore", delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def uploaded(content: bytes, **said: Any) -> PriceList:
    """said: further arguments of `upload_price_list`."""
    key, file = uuid.uuid4().hex, ContentFile(content, "list.csv")
    return upload_price_list(
        **{"by": STAFF, "file": file, "file_name": "list.csv", "submit_key": key, "queue": None, **said}
    )


def checked(content: bytes, **said: Any) -> PriceList:
    return read_price_list(uploaded(content, **said))


def applied(content: bytes, **said: Any) -> PriceList:
    price_list = checked(content, **said)
    begin_price_list(by=STAFF, price_list=price_list, queue=None)
    return apply_price_list(by=STAFF, price_list_id=price_list.pk)


def catalog() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the catalog with every column."""
    models = [apps.get_model("orders", name) for name in CATALOG]
    return {model.__name__: list(model._default_manager.order_by("pk").values_list()) for model in models}


def many(count: int) -> Iterable[dict[str, str]]:
    """Different prices, of a thousand SKUs at most."""
    markets = [("PL", "PLN"), ("US", "USD"), ("DE", "EUR"), ("GB", "GBP"), ("SE", "SEK")]
    for number in range(count):
        sku, rest = number % 1000, number // 1000
        market, currency = markets[rest % 5]
        yield row(
            ProductId=f"CFQ7TTC{sku % 100:05}",
            SkuId=f"{sku // 100:04}",
            Market=market,
            Currency=currency,
            PricingTierRangeMin=str(1 + rest // 5 * 10),
            PricingTierRangeMax="",
            UnitPrice=f"{1 + number % 977}.50",
        )
