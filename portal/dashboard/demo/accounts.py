"""Who can sign in to a portal with demo data, and with what."""

from dataclasses import dataclass
from typing import NamedTuple

from portal.partners.models import Cloud, Environment, PartnerKind
from portal.partners.roles import LABELS, Role

# No secret: it is printed for whoever starts the demo, and `load_demo` refuses production.
PASSWORD = "Demo-portal-2026!"  # noqa: S105 - printed for everybody, never used outside the demo data


class DemoPartner(NamedTuple):
    """A partner of the demo. domain: of its people's e-mail addresses."""

    name: str
    kind: PartnerKind
    country: str
    time_zone: str
    domain: str
    mpn_id: str
    cloud: Cloud = Cloud.PUBLIC
    environment: Environment = Environment.PRODUCTION

    @property
    def kind_label(self) -> str:
        """The kind, with the cloud and the environment where they are not the usual ones."""
        parts = [str(self.kind.label)]
        if self.cloud != Cloud.PUBLIC:
            parts.append(str(self.cloud.label))
        if self.environment != Environment.PRODUCTION:
            parts.append(str(self.environment.label))
        return ", ".join(parts)


VISTULA = DemoPartner(
    "Vistula Cloud", PartnerKind.DIRECT_BILL, "PL", "Europe/Warsaw", "vistula-cloud.example", "9100001"
)
MERIDIAN = DemoPartner(
    "Meridian Distribution", PartnerKind.INDIRECT_PROVIDER, "NL", "Europe/Amsterdam", "meridian.example", "9100002"
)
HARBOUR = DemoPartner(
    "Harbour IT Services", PartnerKind.INDIRECT_RESELLER, "IE", "Europe/Dublin", "harbour-it.example", "9100003"
)
POTOMAC = DemoPartner(
    "Potomac Federal Cloud",
    PartnerKind.DIRECT_BILL,
    "US",
    "America/New_York",
    "potomac.example",
    "9100004",
    cloud=Cloud.US_GOVERNMENT,
)
SANDBOX = DemoPartner(
    "Vistula Cloud Sandbox",
    PartnerKind.DIRECT_BILL,
    "PL",
    "Europe/Warsaw",
    "vistula-sandbox.example",
    "9100005",
    environment=Environment.SANDBOX,
)
PARTNERS = (VISTULA, MERIDIAN, HARBOUR, POTOMAC, SANDBOX)


@dataclass(frozen=True)
class DemoAccount:
    """One membership of one person; partner None: staff of the portal, for Django admin."""

    partner: DemoPartner | None
    roles: tuple[Role, ...]
    name: str
    email: str
    password: str = PASSWORD

    @property
    def partner_name(self) -> str:
        return self.partner.name if self.partner else "(the portal itself)"

    @property
    def kind_label(self) -> str:
        return self.partner.kind_label if self.partner else "Django admin at /admin/"

    @property
    def role_label(self) -> str:
        return ", ".join(str(LABELS[role]) for role in self.roles) or "Staff"


ADA, SAM = "ada@vistula-cloud.example", "sam@vistula-cloud.example"
HELA, GITA = "hela@vistula-cloud.example", "gita@vistula-cloud.example"
OLIVIA = "olivia@vistula-cloud.example"
MAREK, LOTTE = "marek@meridian.example", "lotte@meridian.example"
RITA, GRACE, TOMASZ = "rita@harbour-it.example", "grace@potomac.example", "tomasz@vistula-sandbox.example"

DEMO_ACCOUNTS = (
    DemoAccount(VISTULA, (Role.ADMIN_AGENT,), "Ada Adamska", ADA),
    DemoAccount(VISTULA, (Role.SALES_AGENT,), "Sam Sobczak", SAM),
    DemoAccount(VISTULA, (Role.HELPDESK_AGENT,), "Hela Helińska", HELA),
    DemoAccount(VISTULA, (Role.GLOBAL_ADMIN,), "Gita Głowacka", GITA),
    DemoAccount(MERIDIAN, (Role.ADMIN_AGENT,), "Marek van Dam", MAREK),
    DemoAccount(MERIDIAN, (Role.SALES_AGENT,), "Lotte Smit", LOTTE),
    DemoAccount(HARBOUR, (Role.ADMIN_AGENT,), "Rita Ryan", RITA),
    DemoAccount(POTOMAC, (Role.ADMIN_AGENT,), "Grace Greene", GRACE),
    DemoAccount(SANDBOX, (Role.ADMIN_AGENT,), "Tomasz Testowy", TOMASZ),
    # Works for two partners: sees the switcher.
    DemoAccount(VISTULA, (Role.ADMIN_AGENT, Role.GLOBAL_ADMIN), "Olivia Olszewska", OLIVIA),
    DemoAccount(SANDBOX, (Role.SALES_AGENT,), "Olivia Olszewska", OLIVIA),
    DemoAccount(None, (), "Stefan Staff", "staff@portal.example"),
)


@dataclass(frozen=True)
class DemoCustomerAccount:
    """The administrator of a customer, who signs in to the customer's own pages. prefix: of the customer's domain."""

    prefix: str
    kind_label: str
    role_label: str = "Customer's administrator"
    name: str = "Administrator"
    password: str = PASSWORD

    @property
    def partner_name(self) -> str:
        return "(a customer)"

    @property
    def email(self) -> str:
        return f"admin@{self.prefix}.onmicrosoft.com"


CUSTOMER_ACCOUNTS = (
    DemoCustomerAccount("thistle-rowan", "Invited to accept"),
    DemoCustomerAccount("bursztyn-software", "Two partners, one to contact"),
)
