"""Carts as clients send them."""

from typing import Any

from customers.models import Customer
from orders.models import Availability
from portal.api.v1.catalog.names import catalog_item_id


def path_of(customer: Customer, *more: str) -> str:
    return "/".join([f"/customers/{customer.tenant_id}/carts", *more])


def line(sold: Availability, quantity: int = 5, **more: Any) -> dict[str, Any]:
    return {
        "catalogItemId": catalog_item_id(sold),
        "quantity": quantity,
        "billingCycle": "monthly",
        "termDuration": "P1Y",
        **more,
    }


def cart(*lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"partnerOnRecordAttestationAccepted": True, "lineItems": list(lines), **more}


def as_dotnet(sold: Availability) -> dict[str, Any]:
    """Every property in PascalCase, those without a value too (wire contract, point 4)."""
    return {
        "Id": None,
        "CreationTimestamp": None,
        "LastModifiedTimestamp": None,
        "ExpirationTimestamp": "0001-01-01T00:00:00",
        "LastModifiedUser": None,
        "PartnerOnRecordAttestationAccepted": None,
        "LineItems": [
            {
                "Id": 0,
                "CatalogItemId": catalog_item_id(sold),
                "FriendlyName": "Sales team",
                "Quantity": 5,
                "CurrencyCode": None,
                "BillingCycle": "Monthly",
                "TermDuration": None,
                "Participants": None,
                "ProvisioningContext": None,
                "OrderGroup": None,
                "AddonItems": None,
                "RenewsTo": None,
                "Error": None,
            }
        ],
        "Status": None,
        "Links": None,
        "Attributes": {"Etag": None, "ObjectType": "Cart"},
    }
