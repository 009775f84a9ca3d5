"""The demo's catalog: a price list of our own making, imported as staff would. Ids and prices are invented."""

from pathlib import Path

from django.core.files import File

from orders.models import Availability, BillingPlan, Segment, Sku, Term
from orders.price_lists.work import read_price_list
from orders.services import apply_price_list, begin_price_list, save_sku, upload_price_list
from portal.common.actor import Actor

PRICE_LIST = Path(__file__).with_name("price_list.csv")

_BUSINESS = tuple(f"Microsoft 365 Business {level}" for level in ("Basic", "Standard", "Premium"))
_ENTERPRISE = ("Microsoft 365 E3", "Microsoft 365 E5")
# What a price list does not say: title of an add-on -> titles of the SKUs of which a customer needs one first.
ADD_ONS = {
    "Exchange Online Archiving": ("Exchange Online (Plan 1)", *_BUSINESS),
    "Microsoft Intune Suite": ("Microsoft Intune Plan 1", "Microsoft 365 Business Premium", *_ENTERPRISE),
    "Microsoft Defender for Office 365 (Plan 1)": ("Exchange Online (Plan 1)", *_BUSINESS[:2]),
    "Microsoft Teams Phone Standard": (*_BUSINESS, *_ENTERPRISE),
    "Microsoft Teams Premium": (*_BUSINESS, *_ENTERPRISE),
    "Microsoft Teams Audio Conferencing": (*_BUSINESS, "Microsoft 365 E3"),
    "Microsoft 365 Copilot": (*_BUSINESS, *_ENTERPRISE),
    "Dynamics 365 Business Central Team Members": ("Dynamics 365 Business Central Essentials",),
}


def load_catalog(staff: Actor) -> dict[tuple[str, str], Availability]:
    """Import the list; answers (market, SKU title) -> what is sold to companies for one year, billed monthly."""
    with PRICE_LIST.open("rb") as file:
        price_list = upload_price_list(
            by=staff, file=File(file), file_name=PRICE_LIST.name, submit_key="demo-price-list", queue=None
        )
    read_price_list(price_list)
    begin_price_list(by=staff, price_list=price_list, queue=None)
    apply_price_list(by=staff, price_list_id=price_list.pk)
    _say_add_ons(staff)
    yearly = Availability.objects.filter(
        segment=Segment.COMMERCIAL, term=Term.YEAR, billing_plan=BillingPlan.MONTHLY
    ).select_related("sku")
    return {(str(each.market), each.sku.title): each for each in yearly}


def _say_add_ons(staff: Actor) -> None:
    by_title = {sku.title: sku for sku in Sku.objects.select_related("product")}
    for title, bases in ADD_ONS.items():
        save_sku(by=staff, sku=by_title[title], add_on_to=[by_title[base] for base in bases])
