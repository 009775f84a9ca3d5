"""django-allauth in the house's manner: no sign-up, mail through the queue."""

from collections.abc import Collection
from typing import Any, ClassVar, cast

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _

from portal.partners.access import acting_as
from portal.partners.log_lines import record_sign_in
from portal.partners.models import Membership, User
from portal.partners.services import choose_password, rehearse_password_reset, request_password_reset

log = structlog.get_logger("portal.signin")


class AccountAdapter(DefaultAccountAdapter):
    error_messages: ClassVar[dict[str, str | Promise]] = {
        **DefaultAccountAdapter.error_messages,
        "too_many_login_attempts": gettext_lazy(
            "Too many failed login attempts. Wait five minutes, then try again, or ask for a new password."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """People come by invitation of a global admin."""
        return False

    def login(self, request: HttpRequest, user: User) -> None:
        """Whoever comes in stands in the log of each partner they work for."""
        super().login(request, user)
        record_sign_in(by=acting_as(user, request_id=getattr(request, "request_id", "")), user=user)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Into the log of requests, without what was typed: it may be anybody's address, or a password."""
        super().authentication_failed(request, **credentials)
        log.info("sign_in_failed")

    def logout(self, request: HttpRequest) -> None:
        """Into the log of requests: nothing is done by leaving."""
        log.info("signed_out", user_id=request.user.pk)
        super().logout(request)

    def clean_password(self, password: str, user: User | None = None) -> str:
        """A password that somebody else gave is not kept as one's own."""
        if user is not None and user.must_change_password and user.check_password(password):
            raise ValidationError(_("Choose a password other than the one you were given."))
        return cast(str, super().clean_password(password, user))

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """On with the work, rather than to the same form again."""
        return reverse("dashboard:home")

    def set_password(self, user: User, password: str) -> None:
        """A password chosen on the library's own page is as much an event as one chosen on ours."""
        choose_password(by=acting_as(user), user=user, password=password)

    def answer_password_reset(self, users: Collection[User]) -> None:
        """Send the link to who asked for it, in the language of the page; where nobody has the address, the same
        work for nothing.
        """
        language = get_language() or ""
        for user in users:
            request_password_reset(user=user, language=language)
        if not users:
            rehearse_password_reset(language=language)

    def add_message(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """What is said about a sign-in stands on the page behind it, and members' pages speak English."""
        is_member = request.user.is_authenticated and Membership.objects.of_user(request.user).exists()
        with override(settings.LANGUAGE_CODE if is_member else get_language()):
            super().add_message(request, *args, **kwargs)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """The library's own notices are not sent: what a person needs to know, the portal's own mail says."""
