import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.test import Client
from django.urls import reverse

from portal.partners.models import Membership
from portal.partners.tests.factories import UserFactory

URL = "/staff/mail/"


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    """Mail goes into this folder."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    return tmp_path / "mail"


@pytest.fixture
def staff(db: None) -> Client:
    client = Client()
    client.force_login(UserFactory(is_staff=True), backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


SENDERS: list[BaseEmailBackend] = []


def send(folder: Path, subject: str, text: str = "Hello", *, at: int) -> str:
    """Send a message; the name of its file, which is dated `at` seconds after the epoch."""
    before = set(folder.iterdir()) if folder.exists() else set()
    # Django names the file by second and by the sender's place in memory, which must not be used twice.
    SENDERS.append(get_connection())
    message = EmailMultiAlternatives(subject, text, to=["ann@partner.example"], connection=SENDERS[-1])
    message.attach_alternative("<p>Hello</p>", "text/html")
    message.send()
    (file,) = set(folder.iterdir()) - before
    os.utime(file, (at, at))
    return file.name


def test_messages_are_listed_newest_first(folder: Path, staff: Client) -> None:
    send(folder, "Żółta first", at=1_700_000_000)
    name = send(folder, "Second", at=1_700_000_100)
    page = staff.get(URL).content.decode()
    assert page.index("Second") < page.index("Żółta first")
    assert "ann@partner.example" in page
    assert reverse("dashboard:mail_message", args=[name]) in page


def test_a_message_shows_headers_and_text_safely(folder: Path, staff: Client) -> None:
    name = send(folder, "Go <b>now</b>", "<script>alert(1)</script>\nhttps://portal.example/x?a=1&b=2", at=1)
    page = staff.get(f"{URL}{name}/").content.decode()
    assert "<dt>Subject</dt><dd>Go &lt;b&gt;now&lt;/b&gt;</dd>" in page
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert 'href="https://portal.example/x?a=1&amp;b=2"' in page


@pytest.mark.parametrize("name", ["secret_key", "..", "20260101-000000-1.log", "%2e%2e%2fsecret_key", "x.log"])
def test_only_files_of_the_folder_that_are_mail(name: str, folder: Path, staff: Client) -> None:
    send(folder, "One", at=1)
    (folder / "secret_key").write_text("secret")
    (folder.parent / "secret_key").write_text("secret")
    response = staff.get(f"{URL}{name}/")
    assert response.status_code == 404
    assert b"secret" not in response.content
    assert b"secret_key" not in staff.get(URL).content


def test_an_empty_folder_says_so(folder: Path, staff: Client) -> None:
    assert "No mail yet" in staff.get(URL).content.decode()


def test_with_a_mail_server_it_says_that_there_is_nothing_to_read(staff: Client, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_FILE_PATH = None
    assert "Mail goes to a mail server" in staff.get(URL).content.decode()
    assert staff.get(f"{URL}20260101-000000-1.log/").status_code == 404


def test_for_everybody_else_it_does_not_exist(
    folder: Path, admin_agent: Membership, client_of: Callable[[Membership], Client]
) -> None:
    name = send(folder, "One", at=1)
    client = client_of(admin_agent)
    missing = client.get("/customers/00000000-0000-0000-0000-000000000000/account/")
    for url in (URL, f"{URL}{name}/"):
        response = client.get(url)
        assert (response.status_code, response.content) == (404, missing.content)


def test_it_needs_a_sign_in(client: Client, db: None) -> None:
    assert client.get(URL).status_code == 302


def test_in_production_nobody_reads_it(folder: Path, staff: Client, settings: Any) -> None:
    """The messages hold links that choose people's passwords."""
    name = send(folder, "One", at=1)
    settings.IS_LOCAL = False
    for url in (URL, f"{URL}{name}/"):
        assert staff.get(url).status_code == 404


def test_lesser_staff_do_not_read_it(folder: Path, client: Client, db: None) -> None:
    name = send(folder, "One", at=1)
    helper = UserFactory(is_staff=True, is_superuser=False)
    client.force_login(helper, backend="allauth.account.auth_backends.AuthenticationBackend")
    for url in (URL, f"{URL}{name}/"):
        assert client.get(url).status_code == 404
