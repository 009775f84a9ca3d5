"""`manage.py take_bounce`: what a mail server pipes a delivery report into."""

import os
import sys
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand
from django.db import DatabaseError, InterfaceError

from portal.jobs.bounces import Report, read_report, take_report

MOST_BYTES = 512 * 1024
"""More of a message is not looked at: a report and the headers that it returns are far shorter."""


def read_start(source: BinaryIO) -> bytes:
    """The first MOST_BYTES. The rest is read too, as a mail server takes a closed pipe for a failure."""
    start = source.read(MOST_BYTES)
    while source.read(64 * 1024):
        pass
    return start


def parse(raw: bytes) -> Report | None:
    """The report, or None for whatever else people and machines send to such an address."""
    try:
        return read_report(raw)
    except Exception:
        # A broken message may break the parser in any way, and none may bounce a bounce.
        return None


class Command(BaseCommand):
    help = (
        "Read one delivery report (RFC 3464) from standard input and note whether the letter was delivered or came "
        "back. Anything else is ignored with exit code 0; 75 means that the database is away, so try again."
    )
    # Called once for every message: the checks would cost more than the work.
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        report = parse(read_start(sys.stdin.buffer))
        if report is None:
            self.stdout.write("Ignored: this is no delivery report.")
            return
        try:
            letter = take_report(report)
        except (DatabaseError, InterfaceError):
            self.stdout.write("The database does not answer; send this again later.")
            sys.exit(os.EX_TEMPFAIL)
        if letter is None:
            self.stdout.write("Ignored: it says nothing final about a letter of the portal's.")
        else:
            self.stdout.write(
                f"Letter {letter.public_id} is {letter.state.value} {letter.bounce_status}".rstrip() + "."
            )
