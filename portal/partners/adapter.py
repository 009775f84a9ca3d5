"""django-allauth in the house's manner: no sign-up, mail through the queue."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from portal.partners.access import acting_as
from portal.partners.models import User
from portal.partners.services import choose_password, request_password_reset


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """People come by invitation of a global admin."""
        return False

    def set_password(self, user: User, password: str) -> None:
        """A password chosen on the library's own page is as much an event as one chosen on ours."""
        choose_password(by=acting_as(user), user=user, password=password)

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        request_password_reset(user=user)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """The library's own notices are not sent: what a person needs to know, the portal's own mail says."""
