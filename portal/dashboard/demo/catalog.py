"""The demo's catalog: twelve SKUs, each in three markets, two terms and two ways of paying. Prices are invented."""

from decimal import Decimal
from typing import NamedTuple

from orders.models import BillingPlan, Price, Product, Sku, Term
from orders.services import save_price, save_product, save_sku
from portal.common.actor import Actor


class Offer(NamedTuple):
    """monthly: price in US dollars of one licence for a month, when bought for a year."""

    product: str
    title: str
    description: str
    monthly: str
    min_quantity: int
    max_quantity: int


OFFERS = (
    Offer("Microsoft 365", "Microsoft 365 Business Basic", "Web apps, Teams and 1 TB of storage.", "6.00", 1, 300),
    Offer("Microsoft 365", "Microsoft 365 Business Standard", "Desktop apps and e-mail.", "12.50", 1, 300),
    Offer("Microsoft 365", "Microsoft 365 Business Premium", "With security and devices.", "22.00", 1, 300),
    Offer("Microsoft 365 Enterprise", "Microsoft 365 E3", "For larger organisations.", "36.00", 1, 10000),
    Offer("Microsoft 365 Enterprise", "Microsoft 365 E5", "With analytics and voice.", "57.00", 1, 10000),
    Offer("Exchange Online", "Exchange Online (Plan 1)", "A mailbox of 50 GB.", "4.00", 1, 10000),
    Offer("Visio", "Visio Plan 2", "Diagrams on the desktop and the web.", "15.00", 1, 300),
    Offer("Project", "Project Plan 3", "Plans, roadmaps and resources.", "30.00", 1, 300),
    Offer("Power BI", "Power BI Pro", "Share and publish reports.", "10.00", 1, 10000),
    Offer("Dynamics 365", "Dynamics 365 Sales Enterprise", "Leads, opportunities, quotes.", "95.00", 5, 500),
    Offer("Intune", "Microsoft Intune Plan 1", "Manage devices and apps.", "8.00", 1, 10000),
    Offer("Defender", "Microsoft Defender for Business", "Protection for small companies.", "3.00", 1, 300),
)
# Market -> currency and how many of it the demo asks for one US dollar.
MARKETS = {"PL": ("PLN", "4.20"), "US": ("USD", "1.00"), "DE": ("EUR", "0.95")}
# Term and billing plan -> how many monthly prices one billing period costs; a term of one month is dearer.
PLANS = {
    (Term.MONTH, BillingPlan.MONTHLY): "1.2",
    (Term.YEAR, BillingPlan.MONTHLY): "1",
    (Term.YEAR, BillingPlan.ANNUAL): "12",
}


def load_catalog(staff: Actor) -> dict[tuple[str, str], Price]:
    """Create the catalog; answers (market, SKU title) -> the price for one year, billed monthly."""
    products: dict[str, Product] = {}
    prices = []
    for number, offer in enumerate(OFFERS, start=1):
        if offer.product not in products:
            product = Product(code=f"DEMO{len(products) + 1:08}", title=offer.product)
            products[offer.product] = save_product(by=staff, product=product)
        sku = Sku(
            product=products[offer.product],
            code=f"{number:04}",
            title=offer.title,
            description=offer.description,
            min_quantity=offer.min_quantity,
            max_quantity=offer.max_quantity,
        )
        prices += _prices(staff, save_sku(by=staff, sku=sku), Decimal(offer.monthly))
    yearly = (p for p in prices if (p.term, p.billing_plan) == (Term.YEAR, BillingPlan.MONTHLY))
    return {(str(price.market), price.sku.title): price for price in yearly}


def _prices(staff: Actor, sku: Sku, monthly: Decimal) -> list[Price]:
    prices = []
    for market, (currency, rate) in MARKETS.items():
        for (term, plan), months in PLANS.items():
            price = Price(
                sku=sku,
                market=market,
                currency=currency,
                term=term,
                billing_plan=plan,
                unit_price=(monthly * Decimal(rate) * Decimal(months)).quantize(Decimal("0.01")),
            )
            prices.append(save_price(by=staff, price=price))
    return prices
