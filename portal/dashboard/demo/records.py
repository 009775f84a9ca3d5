"""Who accepted in the demo, when, and how the partner knows. Dates of acceptance are past; recorded is now."""

from dataclasses import asdict, replace
from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile

from agreements.models import Attestation, EvidenceKind
from agreements.services import (
    Acceptance,
    Person,
    attest_on_behalf,
    confirm_acceptance,
    record_direct_acceptance,
    stage_upload,
    withdraw_acceptance,
)
from customers.models import Customer
from portal.common.actor import Actor, ActorKind, Door
from portal.dashboard.demo.accounts import ADA, GITA, HELA, LOTTE, MAREK, MERIDIAN, SAM, SANDBOX, TOMASZ, VISTULA
from portal.dashboard.demo.accounts import DemoPartner as Row
from portal.dashboard.demo.companies import Company
from portal.dashboard.demo.partners import Cast
from portal.dashboard.demo.proofs import proof_of

SIGNED, EMAIL, CALL = EvidenceKind.SIGNED_DOCUMENT, EvidenceKind.EMAIL, EvidenceKind.CALL_NOTE
ESIGN, MET, OTHER = EvidenceKind.ESIGN_CERTIFICATE, EvidenceKind.IN_PERSON, EvidenceKind.OTHER
# Customers by (partner, domain prefix).
Customers = dict[tuple[Row, str], tuple[Company, Customer]]


class Said(NamedTuple):
    """One acceptance by a customer's primary contact, recorded by `agent`."""

    partner: Row
    prefix: str
    agent: str
    agreed_on: date
    how: EvidenceKind
    note: str


# Recorded while the version of 2019 is the newest one: stale once its renewal is enforced.
EARLY = (
    Said(VISTULA, "mlyn-pod-roza", ADA, date(2021, 3, 15), SIGNED, "Signed copy in the contract folder"),
    Said(VISTULA, "mueller-werkzeugbau", SAM, date(2021, 6, 2), EMAIL, "Reply to our offer of May 2021"),
    Said(VISTULA, "lakeshore-dental", ADA, date(2020, 11, 20), ESIGN, "Certificate attached to the offer"),
    Said(VISTULA, "sad-gorny", SAM, date(2020, 2, 11), CALL, "Call on the renewal of mailboxes"),
    Said(VISTULA, "asgard-fastigheter", SAM, date(2022, 5, 9), EMAIL, "Subject: Avtal godkänt"),
    Said(VISTULA, "jaskolka-wydawnictwo", ADA, date(2021, 1, 18), SIGNED, "Signed copy in the contract folder"),
    Said(VISTULA, "weisswasser-glas", SAM, date(2022, 10, 4), MET, "At the trade fair, with our form"),
    Said(MERIDIAN, "sachsenwald-forst", MAREK, date(2021, 8, 23), EMAIL, "Subject: Vertrag"),
)
# The same customers' next acceptances: renewals of what became stale.
RENEWALS = (
    Said(VISTULA, "jaskolka-wydawnictwo", ADA, date(2025, 9, 15), ESIGN, "Certificate attached to the renewal"),
    Said(VISTULA, "weisswasser-glas", SAM, date(2025, 10, 1), EMAIL, "Subject: Verlängerung 2025"),
)
RECENT = (
    Said(VISTULA, "zuraw-logistyka", SAM, date(2024, 3, 14), EMAIL, "Subject: Akceptacja umowy"),
    Said(VISTULA, "cwiek-kancelaria", ADA, date(2023, 9, 5), SIGNED, "Signed copy in the contract folder"),
    Said(VISTULA, "zrodlo-zdrowia", SAM, date(2024, 1, 12), CALL, "Call with the reception"),
    Said(VISTULA, "bursztyn-software", SAM, date(2025, 2, 3), ESIGN, "Certificate in the offer"),
    Said(VISTULA, "modrzew-meble", SAM, date(2024, 11, 28), MET, "Visit at the workshop"),
    Said(VISTULA, "sodermalms-bageri", SAM, date(2024, 6, 17), EMAIL, "Subject: Ja, vi godkänner"),
    Said(VISTULA, "vandermeer-bloemen", SAM, date(2023, 7, 19), EMAIL, "Subject: Akkoord"),
    Said(VISTULA, "sgravenzande-tuinbouw", ADA, date(2025, 4, 8), SIGNED, "Signed copy in the contract folder"),
    # For the wrong one of two Belgian customers; see load_recent.
    Said(VISTULA, "gouden-kraan", SAM, date(2024, 9, 24), EMAIL, "Subject: Contrat accepté"),
    Said(VISTULA, "chocolaterie-saint-gery", SAM, date(2024, 9, 24), EMAIL, "Subject: Contrat accepté"),
    Said(VISTULA, "nordlicht-wind", ADA, date(2025, 1, 22), MET, "At the members' meeting"),
    Said(VISTULA, "praxis-yildiz", SAM, date(2023, 11, 6), CALL, "Call with the practice"),
    Said(VISTULA, "alpenquell", SAM, date(2024, 5, 27), EMAIL, "Subject: Zustimmung"),
    Said(VISTULA, "lion-city-shipping", ADA, date(2025, 3, 3), ESIGN, "Certificate in the offer"),
    Said(VISTULA, "erabliere-mont-echo", SAM, date(2024, 8, 13), EMAIL, "Subject: Nous acceptons"),
    Said(VISTULA, "harrogate-tea", ADA, date(2024, 2, 29), OTHER, "By letter of 29 February, scanned"),
    Said(MERIDIAN, "fjordlys-energi", MAREK, date(2024, 4, 16), SIGNED, "Copy sent by the reseller"),
    Said(MERIDIAN, "harborline-marine", LOTTE, date(2025, 5, 20), EMAIL, "Forwarded by the reseller"),
    Said(MERIDIAN, "nowa-huta-spawanie", LOTTE, date(2023, 12, 1), CALL, "Call together with the reseller"),
    Said(SANDBOX, "sandbox-druga", TOMASZ, date(2025, 6, 10), OTHER, "Sandbox trial, no real customer"),
    Said(SANDBOX, "sandbox-quatrieme", TOMASZ, date(2025, 6, 11), OTHER, "Sandbox trial, no real customer"),
)
# Attested in the customer's name: scenario of seed 001 -> what was said.
ON_BEHALF = (
    (1, Said(VISTULA, "bayou-bridge", HELA, date(2024, 7, 8), CALL, "Ticket: cannot buy again")),
    (2, Said(VISTULA, "pecheries-leon", GITA, date(2025, 2, 18), EMAIL, "Changed over from another partner")),
    (1, Said(VISTULA, "kolej-puszcza", ADA, date(2023, 10, 30), SIGNED, "Signed copy in the contract folder")),
)
# Whose file is on the record.
PROVED = (
    *RENEWALS,
    *(said for said in RECENT if said.partner == VISTULA and said.how in (SIGNED, EMAIL, ESIGN)),
    *(said for _scenario, said in ON_BEHALF),
)
# The customers' own acceptances, which cover every partner.
DIRECT = {
    "sakura-seiki": date(2024, 4, 1),
    "padaria-tres-coracoes": date(2025, 1, 9),
    "cedar-ridge-orchards": date(2024, 10, 10),
    "librairie-oeil-ouvert": date(2023, 6, 21),
}


def load_early(cast: Cast, customers: Customers) -> None:
    """What was agreed before the version of 2023. To be loaded before that version."""
    for said in EARLY:
        _confirm(cast, customers, said)


def load_recent(cast: Cast, customers: Customers) -> None:
    """Everything else: confirmations, corrections, new signers, a withdrawal, direct ones."""
    made = {said.prefix: _confirm(cast, customers, said) for said in (*RENEWALS, *RECENT)}
    for scenario, said in ON_BEHALF:
        by, customer, acceptance = _stated(cast, customers, said)
        attest_on_behalf(by=by, customer=customer, acceptance=acceptance, scenario=scenario)
    _follow_up(cast, customers, made)
    for prefix, agreed_on in DIRECT.items():
        _accept_directly(customers, prefix, agreed_on)


def _stated(
    cast: Cast, customers: Customers, said: Said, *, has_file: bool = True
) -> tuple[Actor, Customer, Acceptance]:
    company, customer = customers[said.partner, said.prefix]
    by, person = cast.agent(said.agent, said.partner), Person(**asdict(company.contact))
    acceptance = Acceptance(
        person=person,
        agreed_on=said.agreed_on,
        evidence_kind=said.how,
        evidence_note=said.note,
        language=customer.language,
        evidence=_files(by, customer, said, person) if has_file and said in PROVED else (),
    )
    return by, customer, acceptance


def _files(by: Actor, customer: Customer, said: Said, person: Person) -> tuple[UUID, ...]:
    """The file that proves it, sent by who records it."""
    proof = proof_of(said.how, company=customer.company_name, person=person, agreed_on=said.agreed_on, note=said.note)
    if proof is None:
        return ()
    return (stage_upload(by=by, partner=customer.partner, file=SimpleUploadedFile(*proof)).public_id,)


def _confirm(cast: Cast, customers: Customers, said: Said) -> Attestation:
    by, customer, acceptance = _stated(cast, customers, said)
    return confirm_acceptance(by=by, customer=customer, acceptance=acceptance)


def _follow_up(cast: Cast, customers: Customers, made: dict[str, Attestation]) -> None:
    """Records that follow a record: two corrections, two new signers, one taken back."""
    # A file is sent once: what follows a record was learned in another way.
    stated = {said.prefix: _stated(cast, customers, said, has_file=False) for said in RECENT}
    wrong_day = ("zrodlo-zdrowia", "The month was wrong: the call was in February.")
    wrong_name = ("nordlicht-wind", "Misheard the first name of the person who accepted.")
    for prefix, reason in (wrong_day, wrong_name):
        by, customer, before = stated[prefix]
        right = replace(before, correction_of=made[prefix].reference, reason_note=reason)
        if prefix == "zrodlo-zdrowia":
            right = replace(right, agreed_on=date(2024, 2, 12))
        else:
            right = replace(right, person=replace(before.person, first_name="Sören"))
        confirm_acceptance(by=by, customer=customer, acceptance=right)
    signers = {
        "praxis-yildiz": (Person(first_name="Cem", last_name="Yıldız", email="cem@praxis-yildiz.example"), 2025),
        "vandermeer-bloemen": (
            Person(first_name="Pieter-Jan", last_name="van 't Hoff", email="pj@vandermeer-bloemen.example"),
            2024,
        ),
    }
    for prefix, (person, year) in signers.items():
        by, customer, before = stated[prefix]
        confirm_acceptance(
            by=by, customer=customer, acceptance=replace(before, person=person, agreed_on=date(year, 3, 12))
        )
    by, customer, _acceptance = stated["gouden-kraan"]
    reason = "Recorded for the wrong customer: it was another company in Belgium that accepted."
    withdraw_acceptance(by=by, customer=customer, attestation=made["gouden-kraan"], reason=reason)


def _accept_directly(customers: Customers, prefix: str, agreed_on: date) -> None:
    company, customer = customers[VISTULA, prefix]
    person = Person(**asdict(company.contact))
    administrator = customer.tenant.customer_users.select_related("user").get(is_admin=True).user
    record_direct_acceptance(
        by=Actor(
            kind=ActorKind.CUSTOMER,
            name=f"{person.first_name} {person.last_name}",
            user_id=administrator.pk,
            door=Door.CUSTOMER_PAGE,
        ),
        tenant=customer.tenant,
        country=str(customer.country),
        time_zone=customer.partner.time_zone,
        acceptance=Acceptance(
            person=person,
            agreed_on=agreed_on,
            evidence_kind=OTHER,
            evidence_note="The customer's own acceptance (demo data)",
            language=customer.language,
        ),
    )
