"""`manage.py verify_chain`: walk every chain of evidence and name the first entry that does not fit."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.audit.models import ChainHead
from portal.audit.services import find_break


class Command(BaseCommand):
    help = "Check numbering, links and digests of every chain; fails when one is broken."

    def handle(self, *args: Any, **options: Any) -> None:
        broken = 0
        for head in ChainHead.objects.order_by("chain"):
            seq = find_break(chain=head.chain)
            broken += seq is not None
            found = f"{head.seq} entries, whole" if seq is None else f"broken at entry {seq}"
            self.stdout.write(f"{head.chain}: {found}")
        if broken:
            raise CommandError(f"{broken} chains are broken.")
