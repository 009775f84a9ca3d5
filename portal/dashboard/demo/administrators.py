"""Customers' administrators whose password is known, so that one can see the customer's own pages."""

from customers.models import CustomerUser
from portal.common.actor import Actor, ActorKind, Door
from portal.dashboard.demo.accounts import CUSTOMER_ACCOUNTS
from portal.partners.services import choose_password


def load_customer_accounts() -> None:
    """They have chosen the demo's password in place of the one that the partner passed on."""
    for account in CUSTOMER_ACCOUNTS:
        user = CustomerUser.objects.select_related("user").get(user__email=account.email).user
        by = Actor(kind=ActorKind.CUSTOMER, name=user.name, user_id=user.pk, door=Door.CUSTOMER_PAGE)
        choose_password(by=by, user=user, password=account.password)
