"""Invoices: the portal bills nobody, and says so in the shape that clients read."""
