"""`manage.py demo_accounts`: who can sign in to a portal with demo data."""

from typing import Any

from django.core.management.base import BaseCommand

from portal.dashboard.demo.accounts import CUSTOMER_ACCOUNTS, DEMO_ACCOUNTS

HEADINGS = ("Partner", "Kind", "Role", "Name", "E-mail", "Password")


class Command(BaseCommand):
    help = "List the accounts that load_demo makes."
    requires_system_checks = ()

    def handle(self, **options: Any) -> None:
        every = (*DEMO_ACCOUNTS, *CUSTOMER_ACCOUNTS)
        rows = [HEADINGS]
        rows += [(a.partner_name, a.kind_label, a.role_label, a.name, a.email, a.password) for a in every]
        widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
        rows.insert(1, tuple("-" * width for width in widths))
        self.stdout.write("")
        for row in rows:
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            self.stdout.write("  ".join(cells).rstrip())
