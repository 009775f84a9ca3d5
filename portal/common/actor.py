"""Who does something, through which door: handed to every service, copied as text into every record."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Self

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from portal.partners.models import Membership


class ActorKind(StrEnum):
    AGENT = "agent"
    STAFF = "staff"
    CUSTOMER = "customer"
    JOB = "job"
    API_CLIENT = "api_client"


class Door(StrEnum):
    """Where in the product an action was taken."""

    WIZARD = "wizard"
    ACCOUNT_INFO = "account_info"
    ORDER_PROMPT = "order_prompt"
    ORDER = "order"
    EVIDENCE = "evidence"
    SETTINGS = "settings"
    ADMIN_SITE = "admin_site"
    CUSTOMER_PAGE = "customer_page"
    API = "api"
    JOB = "job"


DOOR_LABELS: dict[Door, str | Promise] = {
    Door.WIZARD: _("New customer"),
    Door.ACCOUNT_INFO: _("Account info"),
    Door.ORDER_PROMPT: _("New order"),
    Door.ORDER: _("Orders"),
    Door.EVIDENCE: _("Evidence"),
    Door.SETTINGS: _("Settings"),
    Door.ADMIN_SITE: _("Staff administration"),
    Door.CUSTOMER_PAGE: _("The customer's own page"),
    Door.API: _("API"),
    Door.JOB: _("Background work"),
}


@dataclass(frozen=True, kw_only=True)
class Actor:
    """The acting person or program.

    roles: codes of every role held at the time, so that a record can be judged by them later.
    request_id: ties the record to the log lines of one request; empty for background work.
    ip_address, user_agent: only where the partner chose to keep them in the activity log.
    client_id: public id of the API client that the request came through; "" for a browser and for the portal itself.
    """

    kind: ActorKind
    name: str
    door: Door
    user_id: int | None = None
    membership: "Membership | None" = None
    roles: tuple[str, ...] = ()
    request_id: str = ""
    ip_address: str | None = None
    user_agent: str = ""
    client_id: str = ""

    @property
    def principal(self) -> str:
        """Who a repeated request must come from to be a repetition: a program of its own, or the person."""
        program = self.client_id if self.user_id is None else ""
        return f"{self.kind}:{program or self.user_id}"

    @property
    def person_id(self) -> int:
        """The user's id, for what only a person can own. Raises ValueError for a program."""
        if self.user_id is None:
            raise ValueError(f"{self.kind} has no user; this is for people.")
        return self.user_id

    def through(self, door: Door) -> Self:
        """The same actor, seen at another door."""
        return replace(self, door=door)
