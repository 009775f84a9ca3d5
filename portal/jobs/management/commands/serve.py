"""`manage.py serve`: the web server and the background workers as one process tree."""

import contextlib
import hashlib
import socket
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.checks import Tags
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, connections

from portal import env
from portal.jobs.supervisor import Child, Supervisor

HOST = "127.0.0.1"
QUEUES = ("mail", "bulk")
# The packages carry more than the portal's pages use. What is left out here is not served.
UNUSED_STATIC_FILES = [
    "js-lib-bootstrap5/js/*",
    "js-lib-bootstrap5/css/bootstrap.css*",
    "js-lib-bootstrap5/css/bootstrap-*",
    "js-lib-bootstrap5/css/*.rtl.*",
    "django_htmx/ext/*",
    "django_htmx/*-4.*",
    "django_htmx/htmx-2.js",
    "flags/*",
]


def port_from_environment() -> int:
    """The TCP port to serve on: `PORT`, 8000 by default.

    Raises `EnvironmentMistake` when it is not a port number.
    """
    value = env.text("PORT", "8000")
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= 65535:
        raise env.EnvironmentMistake("PORT", f"is {value!r}; set it to a number from 1 to 65535.")
    return int(value)


def children(port: int) -> list[Child]:
    """The web server, whose end ends everything, one worker for each queue, and the clock."""
    web = [sys.executable, "-m", "gunicorn", "portal.wsgi:application", "--bind", f"{HOST}:{port}"]
    web += ["--worker-class", "gthread", "--workers", "2", "--threads", "4"]
    # The portal logs each request itself, without personal data. A warning about a malformed one would quote its
    # line, which may hold a link's token.
    web += ["--log-level", "error", "--graceful-timeout", "10", "--no-control-socket"]
    web += ["--chdir", str(settings.BASE_DIR)]
    manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
    worker = [*manage, "db_worker", "--no-startup-delay", "--queue-name"]
    return [
        Child("Web server", web, is_essential=True),
        *(Child(f"Worker for {queue}", [*worker, queue]) for queue in QUEUES),
        Child("Clock", [*manage, "tick"]),
    ]


def is_in_use(port: int) -> bool:
    """Whether something answers on the port already."""
    with contextlib.closing(socket.socket()) as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def static_files_key() -> str:
    """Changes with the name, size or time of any static file that is to be collected."""
    lines = []
    for finder in get_finders():
        for path, storage in finder.list(UNUSED_STATIC_FILES):
            info = Path(storage.path(path)).stat()
            lines.append(f"{path} {info.st_size} {info.st_mtime_ns}\n")
    return hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()


def collect_static_files() -> bool:
    """Fill `STATIC_ROOT` afresh when a source file changed since the last time; returns whether it did."""
    stamp, key = Path(settings.VAR_DIR) / "static.key", static_files_key()
    if stamp.exists() and stamp.read_text() == key and Path(settings.STATIC_ROOT).is_dir():
        return False
    options = {"interactive": False, "clear": True, "verbosity": 0}
    call_command("collectstatic", ignore_patterns=UNUSED_STATIC_FILES, **options)
    stamp.write_text(key)
    return True


def may_migrate() -> bool:
    """Whether whoever serves may also change the tables; in production on PostgreSQL that is another role's work."""
    return bool(settings.IS_LOCAL) or connection.vendor != "postgresql"


def refuse_without_migrations() -> None:
    """Raise CommandError while the database is not at this version."""
    try:
        call_command("migrate", check_unapplied=True, verbosity=0)
    except SystemExit:
        raise CommandError(
            "The database is not at this version. Under the role that owns the tables run `manage.py migrate`, "
            "`manage.py createcachetable` and `manage.py app_role NAME --apply`, then start again."
        ) from None


class Command(BaseCommand):
    help = "Start the web server on 127.0.0.1 (PORT, 8000 by default) and the background workers."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--prepare", action="store_true", help="First bring the database and the static files up to date."
        )
        parser.add_argument(
            "--demo", action="store_true", help="Prepare, load the demo data once, list the demo accounts."
        )

    def handle(self, *, prepare: bool, demo: bool, **options: Any) -> None:
        """Run until stopped; exits with the web server's code when that ends by itself."""
        port = port_from_environment()
        if is_in_use(port):
            raise CommandError(f"PORT: {port} is in use; stop what runs there or set PORT to another number.")
        # Before anything starts; each web server looks again for itself.
        self.check(tags=[Tags.database], include_deployment_checks=True, databases=["default"])
        if prepare or demo:
            try:
                self.prepare(with_demo=demo)
            except KeyboardInterrupt:
                raise CommandError("Stopped while preparing; the next start goes on from there.") from None
        supervisor = Supervisor(
            children(port),
            notify=self.say,
            is_ready=lambda: is_in_use(port),
            announce=lambda: self.announce(port, with_accounts=demo),
        )
        code = supervisor.run()
        self.say("Everything is stopped.")
        if code:
            sys.exit(code)

    def say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def prepare(self, *, with_demo: bool) -> None:
        """Migrate, collect the static files, and load the demo data if asked to; safe to repeat."""
        self.say("Preparing the database and the static files ...")
        if may_migrate():
            call_command("migrate", interactive=False, verbosity=0)
            call_command("createcachetable", verbosity=0)
        else:
            refuse_without_migrations()
        if with_demo:
            call_command("load_demo", once=True, stdout=self.stdout)
        collect_static_files()

    def announce(self, port: int, *, with_accounts: bool) -> None:
        """Tell the address and, for a portal with demo data, who can sign in."""
        if with_accounts:
            call_command("demo_accounts", stdout=self.stdout)
        self.say(f"\nThe portal is at http://{HOST}:{port}/ (Ctrl-C stops it).\n")
        # From here on this process only watches; it keeps no database connection open.
        connections.close_all()
