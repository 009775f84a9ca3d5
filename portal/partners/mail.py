"""What members are told, and the link in it. The link's token is derived from the user's row: it works once."""

from django.contrib.auth.tokens import default_token_generator
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse

from portal.common.mail import compose
from portal.partners.models import Membership, User


def password_link(user: User) -> str:
    """Path of the page on which this person, and only this person, chooses a password."""
    return reverse("partners:password", args=[user.public_id, default_token_generator.make_token(user)])


def member_invitation(membership: Membership) -> EmailMultiAlternatives:
    """In English, as the pages that members work with."""
    user = membership.user
    path = reverse("account_login") if user.has_usable_password() else password_link(user)
    return compose(
        "partners/mail/member_invitation",
        to=user.email,
        path=path,
        membership=membership,
        user=user,
    )


def password_reset(user: User, language: str = "") -> EmailMultiAlternatives:
    """language: that it was asked for in, by a member or by a customer; else English."""
    return compose(
        "partners/mail/password_reset", to=user.email, path=password_link(user), language=language, user=user
    )
