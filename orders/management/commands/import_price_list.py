"""`manage.py import_price_list FILE`: Microsoft's price list into the catalog, all of it or nothing."""

import uuid
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError

from orders.models import PriceList, PriceListStatus
from orders.price_lists.work import read_price_list
from orders.services import (
    AlreadyImported,
    apply_price_list,
    begin_price_list,
    fail_price_list,
    refuse_price_list,
    upload_price_list,
)
from portal.common.actor import Actor, ActorKind, Door

BAR = 30
# A report that goes on for longer helps nobody: the first lines show what is wrong.
SHOWN = 1000

BY = Actor(kind=ActorKind.JOB, name="manage.py import_price_list", door=Door.JOB)


class Command(BaseCommand):
    help = (
        "Import a price list (CSV or .xlsx). When a row is bad, its line number and what to do are printed and "
        "nothing is imported, unless --skip-bad-rows is given. Importing the same file twice changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="The price list as downloaded from Partner Center.")
        parser.add_argument(
            "--skip-bad-rows", action="store_true", help="Import the good rows, leave the others out."
        )
        parser.add_argument("--again", action="store_true", help="Import it although this file was imported before.")

    def handle(self, *, file: Path, skip_bad_rows: bool, again: bool, **options: Any) -> None:
        """Raises CommandError for a file that cannot be read, is no price list or has bad rows."""
        try:
            price_list = self._upload(file, again)
        except OSError as error:
            raise CommandError(f"Cannot read {file}: {error.strerror}.") from error
        except AlreadyImported as already:
            self.stdout.write(f"{already.message} Say --again to do so.")
            return
        try:
            self._read(price_list)
            self._import(price_list, skip_bad_rows)
        except KeyboardInterrupt:
            raise CommandError(self._stop(price_list)) from None

    def _upload(self, path: Path, again: bool) -> PriceList:
        with path.open("rb") as opened:
            return upload_price_list(
                by=BY,
                file=File(opened),
                file_name=path.name[:200],
                submit_key=uuid.uuid4().hex,
                queue=None,
                is_again=again,
            )

    def _read(self, price_list: PriceList) -> None:
        bar = Bar(self.stdout)
        read_price_list(price_list, tell=bar.show)
        bar.end()
        if price_list.status != PriceListStatus.CHECKED:
            raise CommandError(price_list.problem or "Somebody else went on with this list; see the staff pages.")

    def _import(self, price_list: PriceList, skip_bad_rows: bool) -> None:
        self._report(price_list)
        good = price_list.rows.filter(is_good=True).exists()
        if price_list.bad_count and not (skip_bad_rows and good):
            refuse_price_list(by=BY, price_list=price_list)
            hint = "Correct them, or say --skip-bad-rows." if good else "No row is good."
            raise CommandError(f"Nothing was imported: {price_list.bad_count:,} bad rows. {hint}")
        self.stdout.write("Writing the catalog …")
        begin_price_list(by=BY, price_list=price_list, queue=None)
        done = apply_price_list(by=BY, price_list_id=price_list.pk)
        self.stdout.write(
            f"Imported: {done.new_count:,} new and {done.changed_count:,} changed prices from {done.read_count:,} "
            f"rows, {done.bad_count:,} skipped."
        )

    def _stop(self, price_list: PriceList) -> str:
        """Let no worker go on with it; answers what became of it."""
        price_list.refresh_from_db()
        if price_list.status == PriceListStatus.APPLIED:
            return "The price list is imported; it was too late to stop."
        if price_list.status == PriceListStatus.APPLYING:
            fail_price_list(price_list_id=price_list.pk, problem="Stopped at the terminal.")
        else:
            refuse_price_list(by=BY, price_list=price_list)
        return "Stopped; nothing was imported."

    def _report(self, price_list: PriceList) -> None:
        for row in price_list.rows.filter(is_good=False).order_by("number")[:SHOWN]:
            for column, message in row.problems:
                self.stderr.write(f"Line {row.number}: {column + ': ' if column else ''}{message}")
        if price_list.bad_count > SHOWN:
            self.stderr.write(f"… and {price_list.bad_count - SHOWN:,} further lines.")


class Bar:
    """A bar that moves on a terminal; elsewhere, as in a log, one line for every tenth."""

    def __init__(self, out: Any) -> None:
        self._out = out
        self._is_live = bool(out.isatty())
        self._tenth = -1

    def show(self, done: int, total: int) -> None:
        filled = BAR * done // total
        counts = f"{done:,} of {total:,} rows"
        if self._is_live:
            self._out.write(f"\r[{'#' * filled}{'.' * (BAR - filled)}] {100 * done // total:3}%  {counts}", ending="")
            self._out.flush()
        elif 10 * done // total > self._tenth:
            self._tenth = 10 * done // total
            self._out.write(f"{100 * done // total:3}%  {counts}")

    def end(self) -> None:
        if self._is_live:
            self._out.write("")
