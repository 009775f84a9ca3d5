"""Staff keep the catalog and import price lists; carts, orders and what comes of them are there to look at.

No order is made here.
"""

from orders.admin import catalog, price_lists, sales

__all__ = ["catalog", "price_lists", "sales"]
