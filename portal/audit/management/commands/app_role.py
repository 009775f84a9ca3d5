"""`manage.py app_role`: the database role under which the portal serves on PostgreSQL."""

import re
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection, transaction

from portal.audit.serving_role import statements, why_unsafe

# Nothing that would mean something else in SQL.
NAME = re.compile(r"[a-z_][a-z0-9_-]{0,62}")


class Command(BaseCommand):
    help = (
        "Print the SQL that makes the role under which the portal serves, and gives it its rights; --apply runs it. "
        "Run it as the role that owns the tables, after every migrate."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("role", help="Name of the role, such as portal.")
        parser.add_argument("--apply", action="store_true", help="Run the SQL instead of printing it.")

    def handle(self, *, role: str, apply: bool, **options: Any) -> None:
        """Exits with an error where the role could still do too much afterwards, such as the tables' owner."""
        if connection.vendor != "postgresql":
            raise CommandError("Only PostgreSQL has roles; SQLite needs none.")
        if not NAME.fullmatch(role):
            raise CommandError("Name the role in small letters, digits, - and _, such as portal.")
        sql = statements(connection, role)
        if not apply:
            self.stdout.write("".join(f"{statement};\n" for statement in sql))
            return
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                for statement in sql:
                    cursor.execute(statement)
                reasons = why_unsafe(connection, role)
        except DatabaseError as refused:
            raise CommandError(f"The database refused: {refused}") from None
        if reasons:
            raise CommandError(f"The portal does not serve under this role: {'; '.join(reasons)}. Name another one.")
        self.stdout.write(f"{role} may serve. Give it a password with ALTER ROLE if it has none.")
