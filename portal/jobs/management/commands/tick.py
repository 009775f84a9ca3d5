"""`manage.py tick`: what has to happen from time to time, whatever else the workers do."""

import signal
import threading
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections

from agreements.models import AgreementTemplate
from agreements.services import look_after_checkpoints, look_after_invitations
from agreements.stamping import look_after_stamps
from agreements.tasks import look_after_imports
from customers.services import recount_customers
from orders.price_lists.work import look_after_price_lists
from orders.services import remove_old_api_carts
from orders.tasks import advance_due
from portal.jobs.retries import recover_orphans
from portal.jobs.services import forget_api_requests
from portal.tokens.services import remove_expired_tokens
from portal.webhooks.tasks import look_after_deliveries


class Command(BaseCommand):
    help = (
        "Put work of dead workers back, take subscriptions and invitations a step further, "
        "and the day's checkpoints of the evidence, until stopped."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--interval", type=float, default=60, help="Seconds between two rounds.")
        parser.add_argument("--once", action="store_true", help="One round, then stop.")

    def handle(self, *args: Any, interval: float, once: bool, **options: Any) -> None:
        stopped = threading.Event()

        def stop(signum: int, frame: FrameType | None) -> None:
            stopped.set()

        if not once:
            signal.signal(signal.SIGTERM, stop)
            signal.signal(signal.SIGINT, stop)
        while not stopped.is_set():
            close_old_connections()
            recovered = recover_orphans() + look_after_imports() + look_after_price_lists()
            if recovered:
                self.stdout.write(f"{recovered} tasks put back: their worker had died.")
            if stepped := advance_due():
                self.stdout.write(f"{stepped} subscriptions renewed, or a step further to their end.")
            if looked_after := look_after_invitations():
                self.stdout.write(f"{looked_after} invitations expired, or reminded of.")
            if taken := look_after_checkpoints():
                self.stdout.write(f"{taken} checkpoints taken.")
            look_after_stamps()
            forget_api_requests()
            look_after_deliveries()
            remove_expired_tokens()
            remove_old_api_carts()
            recount_customers(stale_before=lambda today: AgreementTemplate.objects.stale_before(today=today))
            if once:
                return
            stopped.wait(interval)
