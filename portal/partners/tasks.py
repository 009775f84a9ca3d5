"""Mail to members, sent by the worker of queue `mail`. Running one again sends the same message again."""

from django_tasks import task

from portal.jobs.retries import retried
from portal.partners import mail
from portal.partners.models import Membership, User


@retried
@task(queue_name="mail")
def send_member_invitation(membership_id: int) -> None:
    membership = Membership.objects.select_related("user", "partner").get(pk=membership_id)
    mail.member_invitation(membership).send()


@retried
@task(queue_name="mail")
def send_password_reset(user_id: int) -> None:
    mail.password_reset(User.objects.get(pk=user_id)).send()
