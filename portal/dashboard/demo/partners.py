"""The demo's partners and the people who work for them."""

from dataclasses import dataclass

from portal.common.actor import Actor, ActorKind, Door
from portal.dashboard.demo.accounts import DEMO_ACCOUNTS, HARBOUR, MERIDIAN, PARTNERS, DemoPartner
from portal.partners.models import Membership, Partner, User
from portal.partners.services import add_member, choose_password, create_partner, link_reseller


@dataclass(frozen=True)
class Cast:
    """What the rest of the demo needs to act: partners by their demo row, memberships by (e-mail, partner)."""

    staff: Actor
    partners: dict[DemoPartner, Partner]
    members: dict[tuple[str, DemoPartner], Membership]

    def agent(self, email: str, at: DemoPartner, door: Door = Door.ACCOUNT_INFO) -> Actor:
        """This person, working for this partner, at a door of the portal."""
        return _agent(self.members[email, at], door)


def load_partners() -> Cast:
    """Create every partner and account of `accounts`."""
    staff = _staff()
    partners = {row: _partner(staff, row) for row in PARTNERS}
    link_reseller(by=staff, provider=partners[MERIDIAN], reseller=partners[HARBOUR])
    members: dict[tuple[str, DemoPartner], Membership] = {}
    for account in DEMO_ACCOUNTS:
        if account.partner is None:
            continue
        is_known = any(email == account.email for email, _partner_row in members)
        membership = add_member(
            by=staff,
            partner=partners[account.partner],
            email=account.email,
            name=account.name,
            roles=[role.value for role in account.roles],
        )
        if not is_known:
            by = _agent(membership, Door.SETTINGS)
            choose_password(by=by, user=membership.user, password=account.password)
        members[account.email, account.partner] = membership
    return Cast(staff=staff, partners=partners, members=members)


def _agent(membership: Membership, door: Door) -> Actor:
    return Actor(
        kind=ActorKind.AGENT,
        name=membership.user.name,
        user_id=membership.user_id,
        membership=membership,
        roles=tuple(membership.roles),
        door=door,
    )


def _staff() -> Actor:
    account = next(account for account in DEMO_ACCOUNTS if account.partner is None)
    user = User.objects.create_superuser(account.email, account.name, account.password)
    return Actor(kind=ActorKind.STAFF, name=user.name, user_id=user.pk, door=Door.ADMIN_SITE)


def _partner(staff: Actor, row: DemoPartner) -> Partner:
    return create_partner(by=staff, **row._asdict())
