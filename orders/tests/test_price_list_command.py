"""`manage.py import_price_list`: the whole file or nothing, unless bad rows are to be skipped."""

import uuid
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from orders.management.commands import import_price_list
from orders.management.commands.import_price_list import Bar
from orders.models import Price, PriceList
from orders.services import apply_price_list, take_over_price_lists
from orders.tests.price_list_files import as_csv, many, row
from portal.common.actor import Actor
from portal.dashboard.demo.catalog import PRICE_LIST

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "prices.csv"
    path.write_bytes(as_csv([row(), row(SkuId="0002", UnitPrice="free"), row(SkuId="0003", Market="XX")]))
    return path


def run(path: Path, *options: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("import_price_list", str(path), *options, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_the_demo_list_is_without_a_bad_row() -> None:
    out, err = run(PRICE_LIST)
    assert not err
    assert "0 skipped" in out
    assert "100%" in out


def test_one_bad_row_refuses_the_whole_file(file: Path) -> None:
    err = StringIO()
    with pytest.raises(CommandError, match="2 bad rows") as refused:
        call_command("import_price_list", str(file), stdout=StringIO(), stderr=err)
    assert refused.value.returncode == 1
    assert "Line 3: UnitPrice: " in err.getvalue()
    assert "Line 4: Market: " in err.getvalue()
    assert not Price.objects.exists()
    assert PriceList.objects.get().status == "refused"


def test_bad_rows_are_skipped_when_asked(file: Path) -> None:
    out, err = run(file, "--skip-bad-rows")
    assert "1 new" in out
    assert "2 skipped" in out
    assert "Line 3" in err
    assert Price.objects.count() == 1


def test_the_same_file_again_says_so_and_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_bytes(as_csv(many(5)))
    run(path)
    out, _err = run(path)
    assert "imported already" in out
    assert PriceList.objects.count() == 1
    out, _err = run(path, "--again")
    assert "0 new and 0 changed" in out


def test_a_missing_file_and_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="Cannot read"):
        run(tmp_path / "none.csv")
    other = tmp_path / "other.csv"
    other.write_text("Name,Town\nAda,Gdańsk\n")
    with pytest.raises(CommandError, match="not a price list"):
        run(other)


def test_the_bar_moves_on_a_terminal_and_takes_few_lines_elsewhere() -> None:
    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

        def write(self, text: str, ending: str = "\n") -> int:
            return super().write(text + ending)

    screen, log = Terminal(), Terminal()
    log.isatty = lambda: False  # type: ignore[method-assign]  # as a pipe
    for out in (screen, log):
        bar = Bar(out)
        for done in range(0, 101):
            bar.show(done, 100)
        bar.end()
    assert screen.getvalue().count("\r") == 101
    assert "[###############...............]  50%" in screen.getvalue()
    assert len(log.getvalue().splitlines()) == 11


@pytest.mark.parametrize(
    ("where", "status"),
    [("read_price_list", "refused"), ("begin_price_list", "refused"), ("apply_price_list", "failed")],
)
def test_nobody_goes_on_with_what_was_stopped(
    file: Path, monkeypatch: pytest.MonkeyPatch, where: str, status: str
) -> None:
    def interrupted(*args: object, **said: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(import_price_list, where, interrupted)
    with pytest.raises(CommandError, match="nothing was imported"):
        run(file, "--skip-bad-rows")
    assert (PriceList.objects.get().status, Price.objects.exists()) == (status, False)
    assert take_over_price_lists(now=timezone.now() + timedelta(days=1), queue=interrupted) == 0


def test_what_is_imported_already_cannot_be_stopped(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*, by: Actor, price_list_id: uuid.UUID) -> None:
        apply_price_list(by=by, price_list_id=price_list_id)
        raise KeyboardInterrupt

    monkeypatch.setattr(import_price_list, "apply_price_list", interrupted)
    with pytest.raises(CommandError, match="too late"):
        run(file, "--skip-bad-rows")
    assert Price.objects.count() == 1
