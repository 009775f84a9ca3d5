"""Screens of orders: the list and one order, the cart, review and prompt, licence counts."""
