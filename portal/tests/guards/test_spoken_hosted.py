"""The hosted page is drawn in every language, and nothing in it stays English."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from agreements.models import AgreementTemplate, EnhancedAttestation
from agreements.tests.enhanced_factories import FROM_HERE, EnhancedAttestationFactory, accept, signatory
from portal.partners.models import Membership, Partner
from portal.tests.guards.helpers import report
from portal.tests.guards.listening import TRANSLATED, browser, heard, words_left_in_english
from portal.tests.guards.test_spoken_answers import locale

pytestmark = pytest.mark.parametrize("language", TRANSLATED)


@pytest.fixture
def asked(language: str, partner: Partner, template: AgreementTemplate) -> EnhancedAttestation:
    return EnhancedAttestationFactory(partner=partner, language=locale(language))


def test_accepting(language: str, asked: EnhancedAttestation) -> None:
    with words_left_in_english() as left:
        ask = signatory(asked)
        heard(language, ask.get("/hosted/"), ask.get("/hosted/agreement/"), ask.get("/hosted/decline/"))
        heard(language, accept(ask, agrees=""), accept(ask, shown="x"), ask.post("/hosted/decline/", {}))
        accept(ask)
        heard(language, ask.get("/hosted/"))
    assert not left, report(sorted(left))


@pytest.mark.parametrize("ends", ["declined", "expired"])
def test_the_end(language: str, asked: EnhancedAttestation, ends: str) -> None:
    with words_left_in_english() as left:
        ask = signatory(asked)
        if ends == "declined":
            ask.post("/hosted/decline/", {"about": asked.public_id, "reason": "x"})
        else:
            EnhancedAttestation.objects.update(expires_at=timezone.now())
            late = {"about": asked.public_id, "reason": "x"}
            heard(language, ask.post("/hosted/decline/", late))
        heard(language, ask.get("/hosted/"))
    assert not left, report(sorted(left))


def test_who_has_no_link(
    language: str, asked: EnhancedAttestation, admin_agent: Membership, client_of: Callable[[Membership], Client]
) -> None:
    with words_left_in_english() as left:
        ask = browser(language)
        heard(language, ask.get("/hosted/"), ask.post("/hosted/decline/", {"reason": "x"}, headers=FROM_HERE))
        agent = client_of(admin_agent)
        agent.get("/language/")
        agent.defaults["HTTP_ACCEPT_LANGUAGE"] = language
        heard(language, agent.get("/hosted/?link=unknown"))
    assert not left, report(sorted(left))
