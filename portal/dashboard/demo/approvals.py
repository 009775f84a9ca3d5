"""The demo's second person: a policy that asks for one, and a new signer who waits for the word of an Admin agent."""

from dataclasses import asdict

from agreements.models import CheckpointMail, EvidenceKind, SupersedeReason
from agreements.services import Acceptance, Person, ask_approval, set_evidence_policy
from portal.common.actor import Door
from portal.dashboard.demo.accounts import GITA, SAM, VISTULA
from portal.dashboard.demo.partners import Cast
from portal.dashboard.demo.records import Customers

SIGNED_ANEW = "nordlicht-wind"


def load_approvals(cast: Cast, customers: Customers) -> None:
    partner = cast.partners[VISTULA]
    set_evidence_policy(
        by=cast.agent(GITA, VISTULA, Door.SETTINGS),
        partner=partner,
        required_kinds=[EvidenceKind.ESIGN_CERTIFICATE],
        approved_reasons=[SupersedeReason.NEW_SIGNER],
        checkpoint_mail=CheckpointMail.CHANGED,
    )
    company, customer = customers[VISTULA, SIGNED_ANEW]
    successor = asdict(company.contact) | {"first_name": "Jörg", "email": f"joerg@{SIGNED_ANEW}.example"}
    ask_approval(
        by=cast.agent(SAM, VISTULA),
        customer=customer,
        acceptance=Acceptance(
            person=Person(**successor),
            agreed_on=partner.today,
            evidence_kind=EvidenceKind.EMAIL,
            evidence_note="Subject: Neue Geschäftsführung",
            language=customer.language,
        ),
        submit_key="demo-approval",
    )
