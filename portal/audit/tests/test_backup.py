"""manage.py backup makes a whole backup or none; check_backup finds what is damaged, and what a restore lacks."""

import json
import os
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage, storages
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection

from agreements.tests.factories import confirmed, person
from customers.models import Customer
from portal.audit.backup import making
from portal.audit.models import ChainHead
from portal.jobs.tests.concurrency import shared_by_threads

pytestmark = pytest.mark.django_db(transaction=True)
SHEET = b"name;domain\nThistle;thistle.example\n"


def say(command: str, *arguments: Any, **options: Any) -> str:
    out = StringIO()
    call_command(command, *map(str, arguments), stdout=out, **options)
    return out.getvalue()


def backed_up(target: Path, **options: Any) -> Path:
    say("backup", target, **options)
    return max(target.glob("portal-*"))


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "backups"
    folder.mkdir()
    return folder


@pytest.fixture
def kept(customer: Customer) -> Customer:
    """With two records, and files in the portal's folder."""
    confirmed(customer)
    confirmed(customer, person=person(first_name="Jan"))
    storages["default"].save("imports/sheet.csv", ContentFile(SHEET))
    storages["evidence"].save("a/ab/abc", ContentFile(b"signed"))
    return customer


def test_a_backup_is_one_folder(kept: Customer, target: Path) -> None:
    said = say("backup", target)
    (folder,) = target.iterdir()
    database = "db.sqlite3" if connection.vendor == "sqlite" else "db.dump"
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert files == {database, "manifest.json", "SHA256SUMS", "media/imports/sheet.csv", "media/evidence/a/ab/abc"}
    assert (folder / "media/imports/sheet.csv").read_bytes() == SHEET
    assert folder.stat().st_mode & 0o777 == 0o700
    manifest = json.loads((folder / "manifest.json").read_text())
    head = ChainHead.objects.get()
    assert manifest["heads"] == [{"chain": head.chain, "seq": 2, "digest": head.digest}]
    assert manifest["rows"]["agreements_attestation"] == manifest["rows"]["audit_chainentry"] == 2
    assert manifest["files"] == {"media": {"count": 2, "bytes": len(SHEET) + 6}}
    assert "2 entries in 1 chains" in said
    assert "SECRET_KEY and EVIDENCE_KEY are not in it" in said
    # Whoever has no portal can check it too.
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=folder, check=True)  # noqa: S607 - wherever it is installed
    assert "as it was backed up" in say("check_backup", folder)


def test_no_secret_is_in_it(kept: Customer, target: Path, settings: Any) -> None:
    folder = backed_up(target)
    if connection.vendor == "postgresql":
        dump = ["pg_restore", "--file", str(folder / "plain.sql"), str(folder / "db.dump")]
        subprocess.run(dump, check=True)
    everything = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert b"audit_chainentry" in everything
    for secret in (settings.SECRET_KEY, settings.EVIDENCE_KEY):
        assert secret.encode() not in everything


def test_a_restore_is_compared_with_the_backup(kept: Customer, target: Path) -> None:
    folder = backed_up(target)
    assert "every chain, row and file" in say("check_backup", folder, restored=True)
    confirmed(kept)
    storages["default"].delete("imports/sheet.csv")
    Path(storages["evidence"].path("a/ab/abc")).write_bytes(b"forged")
    out = StringIO()
    with pytest.raises(CommandError, match="differences"):
        call_command("check_backup", str(folder), restored=True, stdout=out)
    chain = f"partner:{kept.partner.tenant_id}"
    assert {
        f"{chain}: the head is entry 3 here, entry 2 in the backup.",
        "audit_chainentry: 3 rows here, 2 in the backup.",
        "media/imports/sheet.csv is not restored.",
        "media/evidence/a/ab/abc is another file here.",
    } <= set(out.getvalue().splitlines())


def test_a_head_with_another_digest_is_named(kept: Customer, target: Path) -> None:
    folder = backed_up(target)
    ChainHead.objects.update(digest="0" * 64)
    out = StringIO()
    with pytest.raises(CommandError, match="1 differences"):
        call_command("check_backup", str(folder), restored=True, stdout=out)
    assert "another digest" in out.getvalue()


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def drop_line(path: Path) -> None:
    path.write_text("".join(path.read_text().splitlines(keepends=True)[1:]))


DAMAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "database": (lambda folder: flip(next(folder.glob("db.*"))), "is not what was backed up"),
    "file": (lambda folder: flip(folder / "media/imports/sheet.csv"), "sheet.csv is not what was backed up"),
    "gone": (lambda folder: (folder / "media/evidence/a/ab/abc").unlink(), "abc is missing"),
    "added": (lambda folder: (folder / "media/more").write_text("x"), "media/more is not of this backup"),
    "manifest": (
        lambda folder: (folder / "manifest.json").write_text(
            (folder / "manifest.json").read_text().replace('"seq": 2', '"seq": 1')
        ),
        "manifest.json is not what was backed up",
    ),
    "sums": (lambda folder: drop_line(folder / "SHA256SUMS"), "SHA256SUMS has not all lines of db"),
}


@pytest.mark.parametrize("damaged", DAMAGES)
def test_damage_is_found(kept: Customer, target: Path, damaged: str) -> None:
    folder = backed_up(target)
    damage, sentence = DAMAGES[damaged]
    damage(folder)
    out = StringIO()
    with pytest.raises(CommandError, match="The backup is damaged"):
        call_command("check_backup", str(folder), stdout=out)
    assert sentence in out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("manifest.json", None, "no backup that was finished"),
        ("manifest.json", "[]", "cannot be read"),
        ("SHA256SUMS", None, "cannot be read"),
        ("SHA256SUMS", f"{'0' * 64}  ../../etc/passwd\n", "a line that cannot be read"),
    ],
    ids=["no manifest", "no JSON of ours", "no sums", "leads out"],
)
def test_what_is_no_backup_is_refused(target: Path, name: str, content: str | None, sentence: str) -> None:
    folder = backed_up(target)
    (folder / name).unlink() if content is None else (folder / name).write_text(content)
    with pytest.raises(CommandError, match=sentence):
        call_command("check_backup", str(folder))


def test_bad_targets_are_refused(target: Path, settings: Any) -> None:
    with pytest.raises(CommandError, match="There is no folder"):
        call_command("backup", str(target / "not mounted"))
    Path(settings.MEDIA_ROOT, "backups").mkdir(parents=True)
    for place in (Path(settings.MEDIA_ROOT), Path(settings.MEDIA_ROOT) / "backups"):
        with pytest.raises(CommandError, match="choose a folder of its own"):
            call_command("backup", str(place))
    for keep in ("0", "-1", "some"):
        with pytest.raises(CommandError, match="name a number from 1 on"):
            call_command("backup", str(target), f"--keep={keep}")
    assert list(target.iterdir()) == []


def test_an_interrupted_backup_leaves_nothing(kept: Customer, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*said: Any) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(making, "_copy", full)
    with pytest.raises(CommandError, match=r"No backup was made. .* written: No space left"):
        call_command("backup", str(target))
    assert list(target.iterdir()) == []

    def interrupted(*said: Any) -> str:
        (folder,) = target.iterdir()
        assert folder.name.endswith(making.UNFINISHED)
        raise KeyboardInterrupt

    monkeypatch.setattr(making, "_copy", interrupted)
    with pytest.raises(KeyboardInterrupt):
        call_command("backup", str(target))
    assert list(target.iterdir()) == []


def test_what_was_killed_is_named_and_never_taken_for_a_backup(kept: Customer, target: Path) -> None:
    left = target / f"portal-20260103T020000Z{making.UNFINISHED}"
    left.mkdir()
    (target / "portal-of-somebody").mkdir()
    for old in ("portal-20260101T020000Z", "portal-20260102T020000Z"):
        (target / old).mkdir()
        (target / old / "manifest.json").write_text("{}")
    said = say("backup", target, keep=2)
    assert "portal-20260101T020000Z is removed." in said
    assert f"{left.name} is of a backup that did not end" in said
    assert {path.name for path in target.iterdir()} > {left.name, "portal-of-somebody", "portal-20260102T020000Z"}
    assert len(list(target.iterdir())) == 4


def test_a_file_that_goes_meanwhile_is_no_trouble(
    kept: Customer, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = making.names_in
    monkeypatch.setattr(making, "names_in", lambda store: [*names(store), "imports/gone.csv"])
    assert "as it was backed up" in say("check_backup", backed_up(target))


def test_a_bucket_is_copied_only_where_one_asks(kept: Customer, target: Path, settings: Any, tmp_path: Path) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "evidence": {"BACKEND": f"{InMemoryStorage.__module__}.InMemoryStorage"},
    }
    storages["evidence"].save("a/cd/cde", ContentFile(b"far away"))
    said = say("backup", target)
    (folder,) = target.iterdir()
    assert not (folder / "evidence").exists()
    assert "not_copied" in json.loads((folder / "manifest.json").read_text())["files"]["evidence"]
    assert "back the bucket up by its own means" in said
    other = tmp_path / "other"
    other.mkdir()
    whole = backed_up(other, with_bucket=True)
    assert (whole / "evidence/a/cd/cde").read_bytes() == b"far away"
    assert "every chain, row and file" in say("check_backup", whole, restored=True)


def test_without_tables_there_is_nothing_to_back_up(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.audit.backup.parts.tables", lambda: ["not_migrated"])
    with pytest.raises(CommandError, match=r"run `manage\.py migrate` first"):
        call_command("backup", str(target))
    assert list(target.iterdir()) == []


sqlite_only = pytest.mark.skipif(connection.vendor != "sqlite", reason="This is about SQLite's file.")
postgresql_only = pytest.mark.skipif(connection.vendor != "postgresql", reason="This is about pg_dump.")


@sqlite_only
def test_a_damaged_sqlite_is_not_backed_up(kept: Customer, target: Path) -> None:
    """The copy has its guards; a source that is damaged is refused"""
    folder = backed_up(target)
    with closing(sqlite3.connect(folder / "db.sqlite3")) as copy, pytest.raises(sqlite3.IntegrityError):
        copy.execute("DELETE FROM audit_chainentry")
    with shared_by_threads(target.parent):
        with closing(sqlite3.connect(target.parent / "threads.sqlite3")) as file:
            file.execute("PRAGMA writable_schema = ON")
            file.execute("DELETE FROM sqlite_schema WHERE name = 'chain_entry_subject'")
            file.commit()
        other = target.parent / "other"
        other.mkdir()
        with pytest.raises(CommandError, match=r"The database is damaged: .*never used"):
            call_command("backup", str(other))
    assert list(other.iterdir()) == []


def program(folder: Path, says: str, code: int = 0) -> None:
    """A pg_dump of our own, found first."""
    folder.mkdir()
    path = folder / "pg_dump"
    path.write_text(f"#!/bin/sh\n[ \"$1\" = --version ] && echo 'pg_dump (PostgreSQL) {says}' && exit\n{FAILS}")
    path.chmod(0o755)


FAILS = 'echo "pg_dump: error: permission denied for sequence audit_chainhead_id_seq" >&2\nexit 1\n'


@postgresql_only
def test_a_program_that_is_missing_or_old_is_named(
    target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        package = f"postgresql-client-{int(cursor.fetchone()[0]) // 10_000}"
    programs = tmp_path / "bin"
    with monkeypatch.context() as patched:
        patched.setenv("PATH", str(programs))
        with pytest.raises(CommandError, match=f"pg_dump is missing. Install the package {package}"):
            call_command("backup", str(target))
    monkeypatch.setenv("PATH", str(programs), prepend=os.pathsep)
    program(programs, "9.6.24")
    with pytest.raises(CommandError, match=rf"pg_dump is 9 and the server \d+. Install the package {package}"):
        call_command("backup", str(target))
    (programs / "pg_dump").write_text((programs / "pg_dump").read_text().replace("9.6.24", "99.1"))
    with pytest.raises(CommandError, match=r"permission denied.*Back up as a role that may read everything"):
        call_command("backup", str(target))
    assert list(target.iterdir()) == []


@postgresql_only
def test_the_password_is_on_no_command_line(target: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    seen: list[tuple[list[str], dict[str, str]]] = []
    run = subprocess.run

    def noted(command: list[str], **said: Any) -> Any:
        seen.append((command, said["env"]))
        return run(command, **said)

    monkeypatch.setattr("portal.audit.backup.databases.subprocess.run", noted)
    backed_up(target)
    password = connection.settings_dict["PASSWORD"]
    assert password
    assert [command for command, _environment in seen if password in " ".join(command)] == []
    assert seen[-1][1]["PGPASSWORD"] == password


@postgresql_only
def test_a_role_that_only_reads_is_enough(kept: Customer, target: Path) -> None:
    role, said = f"backup_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}", connection.settings_dict
    known = {name: said[name] for name in ("USER", "PASSWORD")}
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'reads'")
        cursor.execute(f"GRANT pg_read_all_data TO {role}")
    connection.close()
    try:
        said.update(USER=role, PASSWORD="reads")
        folder = backed_up(target)
        with pytest.raises(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
            cursor.execute("DELETE FROM audit_auditevent")
    finally:
        connection.close()
        said.update(known)
        with connection.cursor() as cursor:
            cursor.execute(f"DROP ROLE {role}")
    assert "every chain, row and file" in say("check_backup", folder, restored=True)
