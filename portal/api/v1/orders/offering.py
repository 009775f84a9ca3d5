"""What a customer can buy now: asked by whatever says whether there are add-ons."""

from customers.models import Customer
from orders.models import Availability
from orders.pricing import price_day
from orders.querysets import AvailabilityQuerySet


def sold_now(customer: Customer) -> AvailabilityQuerySet:
    return Availability.objects.sold_to(customer, on=price_day())
