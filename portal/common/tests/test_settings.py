"""A wrong value stops the portal at once, with the name of the variable."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from portal import env

PROGRAM = "import portal.settings as s; print(s.EMAIL_HOST, s.DATABASES['default']['HOST'], s.PORTAL_URL, s.VAR_DIR)"


def start(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Load the settings in a program of its own, with these variables and no others of the portal's."""
    environment = {"PATH": os.environ["PATH"], "PORTAL_MODE": "local", "VAR_DIR": str(folder / "var"), **variables}
    return subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EMAIL_URL", "smtp://"),
        ("EMAIL_URL", "submission://user:password@"),
        ("EMAIL_URL", "smtp+tls://mail.example"),
        ("MAIL_REPORTS", "maybe"),
        ("PORTAL_URL", "https://"),
        ("PORTAL_URL", "https:///path"),
        ("DATABASE_URL", "postgres://"),
        ("DATABASE_URL", "postgres:///portal"),
        ("DATABASE_URL", "postgres://user@host"),
        ("DATABASE_URL", "sqlite:////dev/null/db.sqlite3"),
        ("EVIDENCE_KEY", "not base64"),
        ("VAR_DIR", "/dev/null"),
        ("VAR_DIR", "/dev/null/var"),
    ],
)
def test_what_cannot_be_used_is_named(name: str, value: str, tmp_path: Path) -> None:
    ended = start(tmp_path, **{name: value})
    assert ended.returncode != 0
    assert f"EnvironmentMistake: {name}: " in ended.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({}, "None  http://127.0.0.1:8000"),
        ({"EMAIL_URL": "submission://u:p@mail.example:587"}, "mail.example "),
        ({"EMAIL_URL": "console://"}, "None "),
        ({"PORTAL_URL": "https://portal.example"}, "https://portal.example "),
        ({"DATABASE_URL": "postgres://u:p@db.example:5432/portal"}, " db.example "),
        ({"DATABASE_URL": "postgres:///portal?host=/run/postgresql"}, "None  http"),
    ],
)
def test_what_can_be_used_is(variables: dict[str, str], said: str, tmp_path: Path) -> None:
    ended = start(tmp_path, **variables)
    assert ended.stderr == ""
    assert said in ended.stdout


def test_the_folder_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "deep" / "var"))
    assert env.folder("VAR_DIR", tmp_path).is_dir()


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By what the system answers, as root may write everywhere."""
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(env.EnvironmentMistake, match=r"^VAR_DIR: .*cannot write"):
        env.folder("VAR_DIR", tmp_path)


def test_in_production_the_key_of_the_evidence_is_required(tmp_path: Path) -> None:
    said = {"PORTAL_MODE": "production", "SECRET_KEY": "s" * 60, "ALLOWED_HOSTS": "portal.example"}
    last = start(tmp_path, **said).stderr.splitlines()[-1]
    assert "EnvironmentMistake: EVIDENCE_KEY: is missing" in last
    assert "openssl rand -base64 32" in last
    assert start(tmp_path, **said, EVIDENCE_KEY=f"{'e' * 43}=").stderr == ""
    assert not (tmp_path / "var" / "evidence_key").exists()


def test_in_local_mode_the_key_of_the_evidence_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EVIDENCE_KEY", raising=False)
    made = env.signing_seed("EVIDENCE_KEY", generate_at=tmp_path / "evidence_key")
    assert env.signing_seed("EVIDENCE_KEY", generate_at=tmp_path / "evidence_key") == made
    assert (tmp_path / "evidence_key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("address", "file", "named"),
    [
        ("https://tsa.example/", "", "TSA_CERTIFICATES: is missing"),
        ("ftp://tsa.example/", "here.pem", "TSA_URL: must start with"),
        ("https://user:password@tsa.example/", "here.pem", "TSA_URL: must not carry a user name"),
        ("", "here.pem", "TSA_URL: is missing"),
        ("https://tsa.example/", "nowhere.pem", "TSA_CERTIFICATES: names a file that cannot be read"),
        ("https://tsa.example/", "here.pem", "TSA_CERTIFICATES: names a file without a certificate"),
    ],
)
def test_an_authority_comes_with_its_certificates(
    address: str, file: str, named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here.pem").write_text("no certificate")
    monkeypatch.setenv("TSA_URL", address)
    monkeypatch.setenv("TSA_CERTIFICATES", str(tmp_path / file) if file else "")
    with pytest.raises(env.EnvironmentMistake, match=named):
        env.authority("TSA_URL", "TSA_CERTIFICATES")
