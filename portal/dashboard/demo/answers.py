"""What resellers asked their provider in the demo, and records that the person named in them disputes."""

from datetime import date, timedelta
from typing import NamedTuple

from django.utils import timezone

from agreements.models import Attestation, EvidenceKind
from agreements.services import (
    Acceptance,
    ask_provider,
    dispute_acceptance,
    refuse_request,
    resolve_dispute,
)
from agreements.steps import primary_contact
from portal.common.actor import Actor, ActorKind, Door
from portal.dashboard.demo.accounts import ADA, HARBOUR, MAREK, MERIDIAN, RITA, VISTULA
from portal.dashboard.demo.checkpoints import FIRST, load_checkpoints
from portal.dashboard.demo.partners import Cast
from portal.dashboard.demo.records import Customers
from portal.dashboard.demo.told import told

OPEN_REQUEST = ("kajak-kyst", "Subject: Vi accepterer aftalen")
REFUSED_REQUEST = ("osuilleabhain-brewers", "Call with the brewery")
WHY_REFUSED = "The note does not say who called, and when. Ask the customer for an email."


class Disputed(NamedTuple):
    """A record that its person disputes. answer: how an Admin agent decided two days later, "" while it waits."""

    prefix: str
    days_ago: int
    reason: str
    answer: str = ""


DISPUTED = (
    Disputed(
        "alpenquell",
        30,
        "I do not remember accepting anything.",
        "Ms Hölzl found her email of 27 May 2024 and told us that the record is right.",
    ),
    Disputed("sodermalms-bageri", 2, "I left the bakery in 2023. Please ask the new owner."),
)


def load_answers(cast: Cast, customers: Customers) -> None:
    _load_requests(cast, customers)
    *earlier, latest = DISPUTED
    for disputed in earlier:
        _load_dispute(cast, customers, disputed)
    # Each in its turn with what is recorded last, so that none covers what was recorded later.
    load_checkpoints(range(FIRST, latest.days_ago - 1, -1))
    _load_dispute(cast, customers, latest)
    load_checkpoints(range(latest.days_ago - 1, -1, -1))


def _load_requests(cast: Cast, customers: Customers) -> None:
    for prefix, note, days_ago, how in (
        (*REFUSED_REQUEST, 8, EvidenceKind.CALL_NOTE),
        (*OPEN_REQUEST, 1, EvidenceKind.EMAIL),
    ):
        customer = customers[MERIDIAN, prefix][1]
        with told(days_ago):
            stated = Acceptance(
                person=primary_contact(customer),
                agreed_on=_days_before(days_ago + 3),
                evidence_kind=how,
                evidence_note=note,
            )
            asked = ask_provider(
                by=cast.agent(RITA, HARBOUR), customer=customer, acceptance=stated, submit_key=f"demo-ask-{prefix}"
            )
        if prefix == REFUSED_REQUEST[0]:
            with told(days_ago - 1):
                refuse_request(by=cast.agent(MAREK, MERIDIAN), request=asked, reason=WHY_REFUSED)


def _load_dispute(cast: Cast, customers: Customers, disputed: Disputed) -> None:
    company, customer = customers[VISTULA, disputed.prefix]
    record = Attestation.objects.current().select_related("receipt").get(tenant=customer.tenant)
    name = f"{company.contact.first_name} {company.contact.last_name}"
    by = Actor(kind=ActorKind.CUSTOMER, name=name, door=Door.CUSTOMER_PAGE)
    with told(disputed.days_ago):
        dispute_acceptance(by=by, receipt=record.receipt, reason=disputed.reason)
    if disputed.answer:
        with told(disputed.days_ago - 2):
            ada = cast.agent(ADA, VISTULA)
            resolve_dispute(by=ada, attestation=record, is_upheld=False, reason=disputed.answer)


def _days_before(days: int) -> date:
    return timezone.now().date() - timedelta(days=days)
