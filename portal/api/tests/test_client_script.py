"""docs/api_client.py, as an integrator runs it: another process, a live server, nothing but the standard library."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from django.conf import settings
from django.core.files.base import ContentFile

from agreements.models import AgreementTemplate, Attestation
from customers.models import Customer
from orders.models import Order
from orders.tests.factories import AvailabilityFactory
from portal.common.actor import Actor
from portal.partners.models import Membership
from portal.tokens.models import ApiClient
from portal.tokens.services import DEFAULT_AUDIENCE, agree
from portal.tokens.tests.factories import REDIRECT_URI, ApiClientFactory, ApiSecretFactory

SCRIPT = settings.BASE_DIR / "docs" / "api_client.py"
TEXT = b"The text of the agreement"


@pytest.fixture
def sold(template: AgreementTemplate, settings: Any, live_server: Any) -> None:
    """Something to buy in the US, and the agreement's text to read."""
    settings.PORTAL_URL = live_server.url
    AvailabilityFactory(market="US", currency="USD")
    document = template.documents.get(country="US")
    document.file.storage.save(document.file.name, ContentFile(TEXT))


def refresh_token_of(server: Any, client: ApiClient, secret: str, member: Membership, by: Actor) -> str:
    """As after a sign-in: the person agreed, the browser brought the code, and the program redeems it."""
    code, _row = agree(
        by=by,
        client=client,
        user=member.user,
        redirect_uri=REDIRECT_URI,
        audience=DEFAULT_AUDIENCE,
        nonce="",
        code_challenge="",
    )
    form = {"client_id": str(client.client_id), "client_secret": secret, "code": code, "redirect_uri": REDIRECT_URI}
    form |= {"grant_type": "authorization_code", "scope": f"{DEFAULT_AUDIENCE}/.default offline_access"}
    answer = requests.post(f"{server.url}/{client.partner.tenant_id}/oauth2/v2.0/token", form, timeout=30)
    return str(answer.json()["refresh_token"])


@pytest.mark.usefixtures("sold")
def test_the_whole_procedure_in_one_script(
    live_server: Any, admin_agent: Membership, actor_for: Callable[..., Actor], tmp_path: Path
) -> None:
    client = ApiClientFactory(partner=admin_agent.partner)
    secret = f"{client.client_id}-secret"
    ApiSecretFactory(client=client, text=secret)
    environment = {
        "PORTAL_URL": live_server.url,
        "TENANT": str(client.partner.tenant_id),
        "CLIENT_ID": str(client.client_id),
        "CLIENT_SECRET": secret,
        "REFRESH_TOKEN": refresh_token_of(live_server, client, secret, admin_agent, actor_for(admin_agent)),
    }
    said = ["--domain", "kwiaty", "--first-name", "Ada", "--last-name", "Vinter", "--email", "ada@kwiaty.example"]
    done = subprocess.run(
        [sys.executable, "-I", str(SCRIPT), *said, "--save", str(tmp_path / "agreement.docx")],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "agreement.docx").read_bytes() == TEXT
    customer = Customer.objects.get(tenant__domain="kwiaty.onmicrosoft.com")
    record = Attestation.objects.get(tenant=customer.tenant)
    assert (record.person.first_name, record.recorded_by) == ("Ada", admin_agent.user.name)
    order = Order.objects.get(customer=customer)
    assert order.acceptance_id == record.pk
    assert order.lines.get().subscription.quantity == 6
    assert "signed directly: False" in done.stdout


def test_the_script_is_short_and_stands_on_its_own() -> None:
    text = SCRIPT.read_text()
    assert len(text.splitlines()) < 150
    names = {line.split()[1].split(".")[0] for line in text.splitlines() if line.startswith(("import ", "from "))}
    assert names <= sys.stdlib_module_names
