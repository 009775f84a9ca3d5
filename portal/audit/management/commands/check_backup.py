"""`manage.py check_backup`: whether a backup is whole, and whether a restore has everything that is in it."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.audit.backup import BackupError, damage, differences

MOST_LINES = 50


class Command(BaseCommand):
    help = (
        "Check every file of a backup against its digest. With --restored: compare this portal with the backup, as "
        "must be done right after a restore; then run verify_evidence. See docs/backup.md."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("backup", type=Path, help="The folder portal-<time> of the backup.")
        parser.add_argument(
            "--restored", action="store_true", help="Compare this portal's database and files with it."
        )

    def handle(self, *, backup: Path, restored: bool, **options: Any) -> None:
        """Exits with 1 where something is not as it was backed up, with a line for each."""
        count = 0
        try:
            for sentence in differences(backup) if restored else damage(backup):
                count += 1
                if count <= MOST_LINES:
                    self.stdout.write(sentence)
        except BackupError as error:
            raise CommandError(str(error)) from None
        if count:
            raise CommandError(f"{count} differences." if restored else f"The backup is damaged: {count} findings.")
        what = "This portal has every chain, row and file of" if restored else "Every file is as it was backed up in"
        self.stdout.write(f"{what} {backup}.")
