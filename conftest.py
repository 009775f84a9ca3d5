"""The cast of every test, and what keeps tests honest: no network, triggers lifted only to empty a database."""

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections
from django.test import Client, TransactionTestCase
from hypothesis import settings as hypothesis

from agreements.models import AgreementTemplate
from agreements.tests.factories import DocumentFactory, TemplateFactory
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from portal.common.actor import Actor, ActorKind, Door
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import MembershipFactory, PartnerFactory, PartnerLinkFactory
from portal.tests.emptying import empty

pytest_plugins = [
    "portal.tests.scenario_plugin",
    "portal.jobs.tests.smtp",
    "portal.api.tests.sessions",
    "portal.tokens.tests.quick_keys",
]
LOOPBACK = ("127.0.0.1", "::1", "localhost")
# Beside other workers an example may have to wait for its turn; where CI is said, Hypothesis does not look at all.
if hypothesis().deadline is not None:
    hypothesis.register_profile("beside others", deadline=2000)
    hypothesis.load_profile("beside others")


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here may depend on a network."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple) and address[0] not in LOOPBACK:
            raise AssertionError(f"A test tried to reach {address[0]}; tests talk to loopback only.")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True, scope="session")
def emptied_quickly() -> Iterator[None]:
    """Emptying the database after a transactional test is the one delete that the guards let through."""
    teardown = TransactionTestCase._fixture_teardown
    TransactionTestCase._fixture_teardown = lambda self: empty(connection)
    yield
    TransactionTestCase._fixture_teardown = teardown


@pytest.fixture(scope="session")
def django_db_modify_db_settings(request: pytest.FixtureRequest, django_db_modify_db_settings: None) -> None:
    """With a browser SQLite is a file, as it is for `make run`: in memory all requests would share one connection,
    and with it each other's transactions.
    """
    config = settings.DATABASES["default"]
    has_browser = any(item.get_closest_marker("browser") for item in request.session.items)
    if has_browser and config["ENGINE"].endswith("sqlite3"):
        name = str(settings.VAR_DIR / "journeys.sqlite3")
        connections["default"].settings_dict["TEST"]["NAME"] = name


@pytest.fixture(autouse=True)
def fresh_media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def partner(db: None) -> Partner:
    """A direct-bill partner in the public cloud, in Warsaw."""
    return PartnerFactory(name="Northwind Cloud")


@pytest.fixture
def provider(db: None) -> Partner:
    return PartnerFactory(name="Wide World Provider", provider=True)


@pytest.fixture
def admin_agent(partner: Partner) -> Membership:
    return MembershipFactory(partner=partner, roles=["admin_agent"], user__name="Ada Admin")


@pytest.fixture
def sales_agent(partner: Partner) -> Membership:
    return MembershipFactory(partner=partner, roles=["sales_agent"], user__name="Sam Sales")


@pytest.fixture
def helpdesk_agent(partner: Partner) -> Membership:
    return MembershipFactory(partner=partner, roles=["helpdesk_agent"], user__name="Hela Helpdesk")


@pytest.fixture
def global_admin(partner: Partner) -> Membership:
    return MembershipFactory(partner=partner, roles=["global_admin"], user__name="Gita Global")


@pytest.fixture
def reseller_agent(provider: Partner) -> Membership:
    """Works for an indirect reseller of `provider`."""
    link = PartnerLinkFactory(provider=provider, reseller__name="Corner Reseller")
    return MembershipFactory(partner=link.reseller, roles=["admin_agent"], user__name="Rita Reseller")


@pytest.fixture
def stranger(db: None) -> Membership:
    """Has every role, at another partner."""
    roles = ["global_admin", "admin_agent", "sales_agent", "helpdesk_agent"]
    return MembershipFactory(partner__name="Elsewhere", roles=roles, user__name="Stan Stranger")


@pytest.fixture
def client_of() -> Callable[[Membership], Client]:
    """A browser in which this member is signed in."""

    def sign_in(member: Membership) -> Client:
        client = Client()
        client.force_login(member.user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return sign_in


@pytest.fixture
def actor_for() -> Callable[..., Actor]:
    """This member as the actor of a service, at a door."""

    def act(member: Membership, door: Door = Door.ACCOUNT_INFO) -> Actor:
        return Actor(
            kind=ActorKind.AGENT,
            name=member.user.name,
            user_id=member.user_id,
            membership=member,
            roles=tuple(member.roles),
            door=door,
        )

    return act


@pytest.fixture
def template(db: None) -> AgreementTemplate:
    """The agreement in force since 2019, with documents for Poland and the US."""
    template = TemplateFactory(version="2019-10")
    DocumentFactory(template=template, country="PL", language="pl-PL")
    DocumentFactory(template=template, country="PL", language="en-US")
    DocumentFactory(template=template, country="US", language="en-US")
    return template


@pytest.fixture
def customer(partner: Partner, template: AgreementTemplate) -> Customer:
    """A customer of `partner` in Poland, nothing accepted yet."""
    return CustomerFactory(partner=partner, company_name="Żabka Nowa Sp. z o.o.")
