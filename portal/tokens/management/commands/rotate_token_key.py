"""`manage.py rotate_token_key`: sign tokens with a new key from now on."""

from typing import Any

from django.core.management.base import BaseCommand

from portal.tokens.services import rotate_key
from portal.tokens.services.keys import LIFETIME, PORTAL


class Command(BaseCommand):
    help = "Make a new key to sign tokens with. Tokens signed before stay good until they expire, an hour at most."

    def handle(self, *args: Any, **options: Any) -> None:
        key = rotate_key(by=PORTAL)
        minutes = int(LIFETIME.total_seconds() // 60)
        self.stdout.write(f"Tokens are signed with {key.kid} now. The key before is published for {minutes} minutes.")
