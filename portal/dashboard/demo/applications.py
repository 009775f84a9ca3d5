"""Programs of the demo's direct-bill partner: one works by itself, one for members. Their secrets nobody knows."""

from portal.common.actor import Door
from portal.dashboard.demo.accounts import ADA, GITA, SAM, VISTULA
from portal.dashboard.demo.partners import Cast
from portal.partners.roles import Role
from portal.tokens.services import add_secret, create_client, give_consent


def load_applications(cast: Cast) -> None:
    """Register them, each with a secret, and two members who agreed to the second."""
    by, partner = cast.agent(GITA, VISTULA, Door.SETTINGS), cast.partners[VISTULA]
    marketplace = create_client(
        by=by, partner=partner, name="Marketplace", roles=[Role.SALES_AGENT.value], allows_app_only=True
    )
    add_secret(by=by, client=marketplace, months=12)
    ticketing = create_client(
        by=by, partner=partner, name="Ticketing", redirect_uris=["https://tickets.vistula-cloud.example/signed-in"]
    )
    add_secret(by=by, client=ticketing)
    for email in (ADA, SAM):
        member = cast.members[email, VISTULA]
        give_consent(by=cast.agent(email, VISTULA, Door.SETTINGS), client=ticketing, user=member.user)
