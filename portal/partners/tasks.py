"""Mail to members, sent by the worker of queue `mail`."""

from django.core.mail import EmailMultiAlternatives
from django_tasks import task

from portal.jobs.letters import deliver, retried_mail
from portal.jobs.models import Letter
from portal.partners import mail
from portal.partners.models import Membership, User


@retried_mail
@task(queue_name="mail")
def send_member_invitation(letter_id: int) -> None:
    deliver(letter_id, _member_invitation)


@retried_mail
@task(queue_name="mail")
def send_password_reset(letter_id: int, language: str = "") -> None:
    deliver(letter_id, lambda letter: mail.password_reset(User.objects.get(public_id=letter.about), language))


def _member_invitation(letter: Letter) -> EmailMultiAlternatives | None:
    membership = Membership.objects.select_related("user", "partner").get(public_id=letter.about)
    # Who was switched off in the meantime is not invited any more.
    return mail.member_invitation(membership) if membership.is_active else None
