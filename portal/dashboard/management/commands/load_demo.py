"""`manage.py load_demo`: a portal that shows everything, for trying it out."""

from time import monotonic
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from customers.models import Customer
from portal.dashboard.demo.story import load
from portal.partners.models import Partner


class Command(BaseCommand):
    help = "Fill an empty database with demo partners, people, customers, agreements and orders."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="Do nothing when there are partners already.")
        parser.add_argument(
            "--even-in-production",
            action="store_true",
            help="Load although PORTAL_MODE is production: accounts with a public password are made.",
        )

    def handle(self, *, once: bool, even_in_production: bool, **options: Any) -> None:
        """Raises CommandError in production mode, and when there is data and --once was not given."""
        if not settings.IS_LOCAL and not even_in_production:
            raise CommandError(
                "PORTAL_MODE is production: demo data brings accounts whose password everybody knows. "
                "Set PORTAL_MODE=local, or say --even-in-production if you mean it."
            )
        if Partner.objects.exists():
            if once:
                return
            raise CommandError("There are partners already; demo data goes into an empty database only.")
        started = monotonic()
        load()
        seconds = monotonic() - started
        self.stdout.write(f"Loaded demo data: {Customer.objects.count()} customers in {seconds:.1f} s.")
