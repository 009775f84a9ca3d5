"""The customers' own door in the demo: invitations in every state, requests for a relationship, reminders to come."""

from dataclasses import asdict
from typing import NamedTuple

from agreements.models import Invitation, InvitationPolicy, Place
from agreements.services import (
    Invitee,
    Statement,
    accept_invitation,
    ask_partner_to_confirm,
    decline_invitation,
    documents_for,
    invite_customer,
    keep_reviewing,
    look_after_invitations,
    open_invitation,
    primary_invitee,
    request_relationship,
    revoke_invitation,
    send_invitation,
    set_policy,
)
from agreements.services import Person as AcceptingPerson
from customers.models import Customer
from customers.services import JoiningCompany
from portal.common.actor import Actor, ActorKind, Door
from portal.dashboard.demo.accounts import (
    ADA,
    GITA,
    HARBOUR,
    LOTTE,
    MERIDIAN,
    RITA,
    SAM,
    SANDBOX,
    TOMASZ,
    VISTULA,
    DemoPartner,
)
from portal.dashboard.demo.companies import Company, read
from portal.dashboard.demo.letters import send_the_past
from portal.dashboard.demo.partners import Cast
from portal.dashboard.demo.records import Customers
from portal.dashboard.demo.told import told
from portal.jobs.bounces import Report, take_report

SENT, BY_HAND, OPENED, REVIEWING = "sent", "by hand", "opened", "reviewing"
BOUNCED, DECLINED, REVOKED, ACCEPTED, TO_CONFIRM = "bounced", "declined", "revoked", "accepted", "to confirm"

UNANSWERED = (SENT, BY_HAND, OPENED, REVIEWING)


class Asked(NamedTuple):
    """An invitation to be: by whom, how many days ago, and what became of it a day later."""

    partner: DemoPartner
    prefix: str
    agent: str
    days_ago: int
    became: str = SENT


ASKED = (
    # Older than its 30 days by now: it expires.
    Asked(VISTULA, "ijsselbrug-advies", SAM, 40),
    Asked(VISTULA, "faehrhaus-elbblick", SAM, 28),
    Asked(VISTULA, "cadair-idris", ADA, 20, ACCEPTED),
    Asked(VISTULA, "zlaty-dzban", SAM, 16, REVOKED),
    Asked(VISTULA, "pracownia-luk", SAM, 12, DECLINED),
    Asked(VISTULA, "ceramica-penalara", SAM, 9, REVIEWING),
    Asked(VISTULA, "kyomachiya-ryokan", ADA, 6, OPENED),
    # Bought while its acceptance still counted; so it has to contact its partner (scenario 1).
    Asked(VISTULA, "lakeshore-dental", SAM, 5, TO_CONFIRM),
    Asked(MERIDIAN, "roesti-rahm", LOTTE, 4),
    Asked(VISTULA, "palm-oasis-trading", SAM, 3, BOUNCED),
    Asked(VISTULA, "bjorko-trahus", SAM, 2),
    Asked(SANDBOX, "sandbox-erste", TOMASZ, 2, BY_HAND),
    Asked(VISTULA, "thistle-rowan", SAM, 1),
    Asked(VISTULA, "yushan-tea", ADA, 1, BY_HAND),
)
COMPANIES_ASKED = 26
VALID_DAYS, CUSTOMER_DAYS, STAFF_DAYS = 30, [4, 10, 20], [15, 25]
WHY_DECLINED = "Our lawyers ask for a change of clause 4 first. Please call us."
# Buys from the other partner already; its administrator asked this one, signed in (scenario 2).
BOUGHT_ELSEWHERE = (MERIDIAN, "bursztyn-software", 3)
JOINING = read("""
Wiśniowy Las Pensjonat Sp. z o.o. | PL | wisniowy-las | 1881214009
  ul. Leśna 8 | Karpacz | | 58-540
  Jadwiga | Wiśniewska-Kłos | j.wisniewska | +48755550112
""")[0]
WANTED = Invitee(first_name="Eirik", last_name="Nordfjell", email="eirik@nordfjell-badstue.example", language="nb-NO")
WANTED_BY_RESELLER = Invitee(first_name="Nuala", last_name="Ní Fhlaithbheartaigh", email="nuala@claddagh.example")


def load_invitations(cast: Cast, customers: Customers) -> None:
    """Told day by day, so that every reminder went out on its day."""
    _choose_policies(cast)
    for days_ago in range(ASKED[0].days_ago, 0, -1):
        with told(days_ago):
            if _is_something_due(days_ago):
                send_the_past()
                look_after_invitations()
            if days_ago == COMPANIES_ASKED:
                _ask_companies(cast)
        for asked in ASKED:
            if asked.days_ago == days_ago:
                _tell(cast, customers, asked)
    partner, prefix, days_ago = BOUGHT_ELSEWHERE
    customer = customers[partner, prefix][1]
    with told(days_ago):
        by, email = administrator_of(customer)
        ask_partner_to_confirm(by=by, customer=customer, email=email)
    look_after_invitations()


def _is_something_due(days_ago: int) -> bool:
    """Whether an invitation may have waited as long by then as a reminder or its end takes."""
    takes = {
        VALID_DAYS,
        *CUSTOMER_DAYS,
        *STAFF_DAYS,
        *InvitationPolicy().customer_days,
        *InvitationPolicy().staff_days,
    }
    asked = {COMPANIES_ASKED, *(asked.days_ago for asked in ASKED if asked.became in UNANSWERED)}
    return any(day - days_ago in takes for day in asked)


def _tell(cast: Cast, customers: Customers, asked: Asked) -> None:
    with told(asked.days_ago):
        invitation = _invite(cast, customers, asked)
    with told(asked.days_ago - 0.8):
        _follow_up(cast, invitation, asked)


def administrator_of(customer: Customer) -> tuple[Actor, str]:
    """The customer's administrator, signed in, and the address that the sign-in has."""
    user = customer.tenant.customer_users.select_related("user").get(is_admin=True).user
    return Actor(kind=ActorKind.CUSTOMER, name=user.name, user_id=user.pk, door=Door.CUSTOMER_PAGE), user.email


def _choose_policies(cast: Cast) -> None:
    """Of one partner's the days, of another's the place; the rest go by the usual ones."""
    set_policy(
        by=cast.agent(GITA, VISTULA, Door.SETTINGS),
        partner=cast.partners[VISTULA],
        place=Place.PORTAL,
        valid_days=VALID_DAYS,
        customer_days=CUSTOMER_DAYS,
        staff_days=STAFF_DAYS,
    )
    set_policy(
        by=cast.staff,
        partner=cast.partners[SANDBOX],
        place=Place.MICROSOFT,
        valid_days=14,
        customer_days=[],
        staff_days=[7],
    )


def _invite(cast: Cast, customers: Customers, asked: Asked) -> Invitation:
    customer = customers[asked.partner, asked.prefix][1]
    return invite_customer(
        by=cast.agent(asked.agent, asked.partner),
        customer=customer,
        invitee=primary_invitee(customer),
        is_sent=asked.became != BY_HAND,
    )


def _follow_up(cast: Cast, invitation: Invitation, asked: Asked) -> None:
    """What the person did, or the mail server, or the agent again."""
    by = Actor(kind=ActorKind.CUSTOMER, name=invitation.full_name, door=Door.CUSTOMER_PAGE)
    if asked.became in (OPENED, REVIEWING, DECLINED, ACCEPTED, TO_CONFIRM):
        open_invitation(by=by, invitation=invitation)
    if asked.became == REVIEWING:
        keep_reviewing(by=by, invitation=invitation)
    elif asked.became == DECLINED:
        decline_invitation(by=by, invitation=invitation, reason=WHY_DECLINED)
    elif asked.became == ACCEPTED and invitation.customer is not None:
        accept_invitation(by=by, invitation=invitation, statement=_statement(invitation, invitation.customer.country))
    elif asked.became == TO_CONFIRM and invitation.customer is not None:
        ask_partner_to_confirm(by=by, customer=invitation.customer, email=invitation.email)
    elif asked.became == REVOKED:
        revoke_invitation(by=cast.agent(asked.agent, asked.partner), invitation=invitation)
    elif asked.became == BOUNCED and invitation.letter is not None:
        take_report(Report(invitation.letter.message_id, "failed", "5.1.1"))


def _statement(invitation: Invitation, country: object) -> Statement:
    document = documents_for(str(country), partner=invitation.partner)[0]
    person = AcceptingPerson(first_name=invitation.first_name, last_name=invitation.last_name, email=invitation.email)
    return Statement(person=person, authority="Managing director", document_id=document.public_id)


def _ask_companies(cast: Cast) -> None:
    """Relationships asked for: one accepted together with the agreement, two not answered yet."""
    sam, rita = cast.agent(SAM, VISTULA), cast.agent(RITA, HARBOUR)
    joining = request_relationship(
        by=sam,
        partner=cast.partners[VISTULA],
        company_name=JOINING.details.company_name,
        invitee=_invitee(JOINING),
        submit_key="demo-request-joining",
    )
    send_invitation(by=sam, invitation=joining)
    by = Actor(kind=ActorKind.CUSTOMER, name=joining.full_name, door=Door.CUSTOMER_PAGE)
    open_invitation(by=by, invitation=joining)
    accept_invitation(
        by=by,
        invitation=joining,
        statement=_joining_statement(joining),
        joining=JoiningCompany(company=JOINING.details, domain=JOINING.domain),
    )
    wanted = request_relationship(
        by=sam,
        partner=cast.partners[VISTULA],
        company_name="Nordfjell Badstue AS",
        invitee=WANTED,
        includes_delegated_admin=False,
        submit_key="demo-request-wanted",
    )
    send_invitation(by=sam, invitation=wanted)
    request_relationship(
        by=rita,
        partner=cast.partners[MERIDIAN],
        company_name="Claddagh Weavers Ltd",
        invitee=WANTED_BY_RESELLER,
        submit_key="demo-request-reseller",
    )


def _joining_statement(invitation: Invitation) -> Statement:
    stated = _statement(invitation, JOINING.details.country)
    person = AcceptingPerson(**asdict(JOINING.contact))
    return Statement(person=person, authority="Owner", document_id=stated.document_id)


def _invitee(company: Company) -> Invitee:
    contact = company.contact
    return Invitee(first_name=contact.first_name, last_name=contact.last_name, email=contact.email, language="pl-PL")
