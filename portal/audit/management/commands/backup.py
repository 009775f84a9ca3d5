"""`manage.py backup`: the database and the stored files into one folder, while the portal serves."""

from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.defaultfilters import filesizeformat

from portal.audit.backup import BackupError, drop_older, make_backup, unfinished_in


def at_least_one(value: str) -> int:
    if not value.isdecimal() or int(value) < 1:
        raise ArgumentTypeError("name a number from 1 on")
    return int(value)


class Command(BaseCommand):
    help = (
        "Write the database and the stored files into a new folder portal-<time> in FOLDER; see docs/backup.md. "
        "On PostgreSQL run it as a role that may read everything."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="A folder on another disk, where the backups are.")
        parser.add_argument(
            "--keep", type=at_least_one, metavar="N", help="Then remove all backups but the newest N."
        )
        parser.add_argument("--with-bucket", action="store_true", help="Copy files that are kept in a bucket, too.")

    def handle(self, *, folder: Path, keep: int | None, with_bucket: bool, **options: Any) -> None:
        """Exits with 1 where there is no new backup; then nothing older is removed either."""
        try:
            made = make_backup(target=folder, with_bucket=with_bucket)
        except BackupError as error:
            raise CommandError(f"No backup was made. {error}") from None
        entries = sum(seq for seq, _digest in made.state.heads.values())
        self.stdout.write(
            f"{made.folder}\n"
            f"  database: {filesizeformat(made.database_bytes)} in {made.seconds[0]:.1f} s, "
            f"{entries:,} entries in {len(made.state.heads):,} chains\n"
            f"  files: {made.file_count:,}, {filesizeformat(made.file_bytes)} in {made.seconds[1]:.1f} s\n"
            "SECRET_KEY and EVIDENCE_KEY are not in it: keep them elsewhere."
        )
        for name in made.left_out:
            self.stdout.write(f"Files of {name} are in a bucket and not copied: back the bucket up by its own means.")
        try:
            for name in drop_older(folder, keep=keep) if keep else []:
                self.stdout.write(f"{name} is removed.")
        except OSError as error:
            raise CommandError(f"The new backup is there, but an older one cannot be removed: {error}") from None
        for name in unfinished_in(folder):
            self.stdout.write(f"{name} is of a backup that did not end: remove it unless one is running.")
