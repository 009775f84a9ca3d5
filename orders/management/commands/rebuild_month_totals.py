"""`manage.py rebuild_month_totals`: what each partner's orders come to in a month, added up anew."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from orders.services import correct_month_totals
from portal.partners.models import Partner


class Command(BaseCommand):
    help = "Compare the totals per month with the orders, and put wrong ones right."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="Change nothing; fail when something is wrong.")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        wrong = 0
        for partner in Partner.objects.order_by("pk").iterator():
            for month, currency in correct_month_totals(partner=partner, is_dry=check):
                wrong += 1
                self.stdout.write(f"{partner}: the total of {month:%Y-%m} in {currency} did not fit the orders.")
        if check and wrong:
            raise CommandError(f"{wrong} totals are wrong. Run rebuild_month_totals without --check.")
        self.stdout.write(f"{wrong} totals {'are wrong' if check else 'were put right'}.")
