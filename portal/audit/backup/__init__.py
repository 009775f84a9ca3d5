"""Backups: the database, the stored files, and what a restore must show to be the same."""

from portal.audit.backup.checking import damage, differences
from portal.audit.backup.making import Backup, drop_older, make_backup, unfinished_in
from portal.audit.backup.parts import BackupError

__all__ = ["Backup", "BackupError", "damage", "differences", "drop_older", "make_backup", "unfinished_in"]
