"""Screens of customers: the list, Account info, New customer."""
