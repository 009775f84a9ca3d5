"""E4, S7: archives by an impostor, and a time-stamp authority that leads elsewhere."""

import base64
import hashlib
import http.server
import io
import json
import os
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from agreements.models import Attestation
from agreements.services.records import chain_of
from agreements.tests.exporting import archive_of, run_program, unpacked
from agreements.tests.factories import confirmed
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from portal.audit import timestamps
from portal.audit.checkpoints import as_file, take_checkpoint
from portal.partners.models import Membership

pytestmark = [pytest.mark.scenario("S7"), pytest.mark.django_db]
ClientOf = Callable[[Membership], Client]


@pytest.fixture
def record(customer: Customer) -> Attestation:
    return confirmed(customer)


def resigned(
    archive: bytes, key: Ed25519PrivateKey, change: Callable[[dict[str, bytes]], None], **said: str
) -> bytes:
    """The archive with other content, whole in itself: manifest, keys and seal are the impostor's. said: other
    values of the manifest.
    """
    files = unpacked(archive)
    change(files)
    raw_key = key.public_key().public_bytes_raw()
    key_id = hashlib.sha256(raw_key).hexdigest()[:16]
    told = {"key_id": key_id, "public_key": base64.b64encode(raw_key).decode(), "first_used_at": "2020-01-01"}
    files["keys.json"] = json.dumps([*json.loads(files["keys.json"]), told]).encode()
    names = [name for name in files if name not in ("manifest.json", "manifest.sig")]
    manifest = json.loads(files["manifest.json"]) | {"key": key_id} | said
    manifest["files"] = {
        name: {"sha256": hashlib.sha256(files[name]).hexdigest(), "size": len(files[name])} for name in names
    }
    files["manifest.json"] = json.dumps(manifest).encode()
    files["manifest.sig"] = base64.b64encode(key.sign(files["manifest.json"]))
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        for name, data in files.items():
            packed.writestr(name, data)
        packed.comment = b"." * 88
    body = made.getvalue()[:-88]
    return body + base64.b64encode(key.sign(hashlib.sha256(body).hexdigest().encode()))


def test_an_impostors_keys_are_told_and_with_the_portals_it_fails(
    client_of: ClientOf, admin_agent: Membership, record: Attestation, tmp_path: Path
) -> None:
    """A re-signed archive is whole by its own keys only, which the verdict says; by the portal's it is not"""

    def nothing(files: dict[str, bytes]) -> None:
        """What is in it stays."""

    forged, keys = tmp_path / "forged.zip", tmp_path / "keys.json"
    forged.write_bytes(resigned(archive_of(client_of(admin_agent)), Ed25519PrivateKey.generate(), nothing))
    keys.write_bytes(Client().get(reverse("agreements:keys")).content)
    code, verdict = run_program(tmp_path, forged)
    assert (code, verdict["keys"]) == (0, "own")
    code, verdict = run_program(tmp_path, forged, "--keys", str(keys))
    assert (code, verdict["keys"], verdict["verdict"]) == (1, "given", "damaged")
    spoken = subprocess.run(
        [sys.executable, "-I", str(tmp_path / "verify_evidence.py"), str(forged)], capture_output=True, text=True
    )
    assert "The keys inside the export were used" in spoken.stdout


def test_names_in_an_archive_lead_nowhere(
    client_of: ClientOf, admin_agent: Membership, record: Attestation, tmp_path: Path
) -> None:
    """ZIP entries and a manifest that name files outside: nothing is written, nothing outside is read"""

    def slip(files: dict[str, bytes]) -> None:
        files["../../slipped.txt"] = files["/etc/slipped.txt"] = b"x"
        files["files/../../../etc/passwd"] = b"x"

    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    (folder / "forged.zip").write_bytes(
        resigned(archive_of(client_of(admin_agent)), Ed25519PrivateKey.generate(), slip)
    )
    run_program(folder, folder / "forged.zip")
    assert sorted(each.name for each in tmp_path.rglob("*") if each.is_file()) == ["forged.zip", "verify_evidence.py"]


def test_an_early_date_excuses_no_missing_entry(
    client_of: ClientOf, admin_agent: Membership, record: Attestation, tmp_path: Path
) -> None:
    """The last record is left out of a re-signed archive that says to be old: a checkpoint kept elsewhere finds it"""

    def nothing(files: dict[str, bytes]) -> None:
        """It is an old one, from before the last record."""

    old = archive_of(client_of(admin_agent))
    confirmed(CustomerFactory(partner=record.partner))
    checkpoint = take_checkpoint(chain=chain_of(record))
    assert checkpoint is not None
    kept, forged = tmp_path / "kept.json", tmp_path / "forged.zip"
    kept.write_text(as_file([checkpoint]))
    forged.write_bytes(
        resigned(old, Ed25519PrivateKey.generate(), nothing, made_at="2020-01-01T00:00:00.000000+00:00")
    )
    code, verdict = run_program(tmp_path, forged, "--checkpoint", str(kept))
    assert (code, [each["code"] for each in verdict["findings"]]) == (1, ["truncated"])


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "cp1252"])
def test_what_an_archive_says_is_told_on_one_line(tmp_path: Path, encoding: str) -> None:
    """Names with line feeds and a terminal's commands forge no verdict, and no alphabet stops the program"""
    with zipfile.ZipFile(tmp_path / "forged.zip", "w") as packed:
        packed.writestr("chains/\x1b[2J\nWHOLE: 5 entries.\n\u202e.jsonl", b"{}\n")
        packed.writestr("żółć张.txt", b"x")
    run_program(tmp_path, tmp_path / "forged.zip")
    done = subprocess.run(
        [sys.executable, str(tmp_path / "verify_evidence.py"), str(tmp_path / "forged.zip")],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": encoding},
    )
    lines = done.stdout.decode(encoding).splitlines()
    assert (done.returncode, done.stderr) == (1, b"")
    assert not any(line.startswith("WHOLE") for line in lines)
    assert sum(line.startswith("DAMAGED") for line in lines) == 1
    assert b"\x1b" not in done.stdout


def test_a_line_without_an_end_is_left(tmp_path: Path) -> None:
    """64 MB in one line, 64 KB in the archive: told, without reading on for minutes"""
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("records.jsonl", b"a" * (64 << 20))
    code, verdict = run_program(tmp_path, tmp_path / "bomb.zip")
    assert code == 1
    assert ("archive", "records.jsonl") in {(each["code"], each["subject"]) for each in verdict["findings"]}


# The authority


@contextmanager
def leading_elsewhere() -> Iterator[tuple[str, list[str]]]:
    """An authority that redirects to an address inside; what was asked there."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(302)
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/inside")
            self.end_headers()

        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_said: Any) -> None:
            """Says nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/", asked
        server.shutdown()
        thread.join()


def test_an_authority_leads_the_portal_nowhere_else(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    with leading_elsewhere() as (url, asked):
        settings.TSA_URL = url
        with pytest.raises(timestamps.StampRefused, match="302"):
            timestamps.ask(b"x", not_before=timezone.now() - timedelta(days=1))
    assert asked == []
