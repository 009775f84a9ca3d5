"""`manage.py rebuild_standing`: the facts on customers' rows, computed anew from the records."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from agreements.services import correct_standing
from customers.models import Tenant


class Command(BaseCommand):
    help = "Compare the agreement facts kept on customers with the records, and put wrong ones right."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="Change nothing; fail when something is wrong.")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        wrong = 0
        for tenant_id in Tenant.objects.order_by("pk").values_list("pk", flat=True).iterator():
            if correct_standing(tenant_id=tenant_id, is_dry=check):
                wrong += 1
                self.stdout.write(f"Tenant {tenant_id}: the facts did not fit the records.")
        if check and wrong:
            raise CommandError(f"{wrong} tenants have wrong facts. Run rebuild_standing without --check.")
        self.stdout.write(f"{wrong} tenants {'are wrong' if check else 'were put right'}.")
