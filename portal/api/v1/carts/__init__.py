"""Carts and their checkout, in Partner Center's wire format."""
