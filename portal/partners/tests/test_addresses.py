"""IP address and browser in the activity log: only where the partner asked for it, and never what a client claims."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client, RequestFactory

from portal.audit.models import AuditEvent, AuditEventDetail
from portal.partners.addresses import address_of, browser_of, seen_of
from portal.partners.models import Membership, Partner

ClientOf = Callable[[Membership], Client]
ANSWERS = {
    "name": "Northwind Cloud",
    "country": "PL",
    "time_zone": "Europe/Warsaw",
    "default_language": "en-US",
    "mpn_id": "1",
}
FROM = {"REMOTE_ADDR": "203.0.113.9", "HTTP_USER_AGENT": "Browser/1\x07 (X)"}


def saved(client: Client, mpn_id: str, **more: str) -> AuditEventDetail:
    assert client.post("/settings/", {**ANSWERS, "mpn_id": mpn_id, **more}, **FROM).status_code == 302
    return AuditEvent.objects.filter(code="partners.profile_edited").latest("id").detail


def test_it_is_off_until_a_global_admin_switches_it_on(global_admin: Membership, client_of: ClientOf) -> None:
    client = client_of(global_admin)
    page = client.get("/settings/").content.decode()
    assert "Keep IP address and browser in the activity log" in page
    assert not Partner.objects.get(pk=global_admin.partner_id).logs_addresses
    detail = saved(client, "2", logs_addresses="on")
    assert (detail.ip_address, detail.user_agent) == (None, "")
    assert detail.values["logs_addresses"] == [False, True]
    detail = saved(client, "3", logs_addresses="on")
    assert (detail.ip_address, detail.user_agent) == ("203.0.113.9", "Browser/1  (X)")
    saved(client, "4")
    assert saved(client, "5").ip_address is None


def test_agents_see_whether_it_is_kept(sales_agent: Membership, client_of: ClientOf) -> None:
    page = client_of(sales_agent).get("/settings/").content.decode()
    assert "Not kept" in page
    assert 'name="logs_addresses"' not in page


@pytest.mark.parametrize(("proxies", "seen"), [(0, "203.0.113.9"), (1, "198.51.100.2")])
def test_an_address_that_the_client_claims_is_not_believed(
    proxies: int, seen: str, settings: Any, rf: RequestFactory
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    request = rf.get("/", REMOTE_ADDR="203.0.113.9", HTTP_X_FORWARDED_FOR="192.0.2.66, 198.51.100.2")
    assert address_of(request) == seen


def test_what_is_no_address_is_none(settings: Any, rf: RequestFactory) -> None:
    assert address_of(rf.get("/", REMOTE_ADDR="")) is None
    assert address_of(rf.get("/", REMOTE_ADDR="unix:")) is None
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2
    assert address_of(rf.get("/", HTTP_X_FORWARDED_FOR="198.51.100.2")) is None


def test_a_browsers_name_is_cut_and_harmless(rf: RequestFactory) -> None:
    assert browser_of(rf.get("/")) == ""
    assert browser_of(rf.get("/", HTTP_USER_AGENT="a\r\nb\x00" + "x" * 5000)) == ("a  b " + "x" * 200)[:200]


def test_nobody_in_particular_keeps_nothing(rf: RequestFactory) -> None:
    assert seen_of(rf.get("/"), None) == {}
    assert seen_of(rf.get("/"), Partner(logs_addresses=False)) == {}
