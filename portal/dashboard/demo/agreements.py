"""The demo's agreement templates with sample texts of our own. They are not Microsoft's agreement and say so."""

from datetime import date
from typing import NamedTuple
from uuid import UUID

from django_countries import countries

from agreements.languages import DEFAULT_LANGUAGE, languages_for
from agreements.models import AgreementTemplate, AgreementType
from agreements.services import add_document, create_template
from portal.common.actor import Actor
from portal.dashboard.demo.texts import SAMPLES

# The ids that Partner Center answers for the two types (facts 1.1).
MCA_TEMPLATE_ID = UUID("117a77b0-9360-443b-8795-c6dedc750cf9")
CLOUD_TEMPLATE_ID = UUID("998b88de-aa99-4388-a42c-1b3517d49490")
COUNTRIES = tuple("AE BE BR CA DE ES FR GB HK JP NL PL SE SG US".split())


class Version(NamedTuple):
    type: AgreementType
    template_id: UUID
    version: str
    effective_on: date
    renew_before: date | None = None
    renewal_enforced_on: date | None = None


FIRST = Version(AgreementType.MCA, MCA_TEMPLATE_ID, "2019-10", date(2019, 10, 1))
LEGACY = Version(AgreementType.CLOUD, CLOUD_TEMPLATE_ID, "2015-07", date(2015, 7, 1))
RENEWED = Version(
    AgreementType.MCA,
    MCA_TEMPLATE_ID,
    "2023-04",
    date(2023, 4, 1),
    renew_before=date(2023, 4, 1),
    renewal_enforced_on=date(2025, 10, 7),
)


def load_first_versions(staff: Actor) -> None:
    """The agreement as it was before its renewal, and the legacy one, which has English texts only."""
    _load(staff, LEGACY, [(country, DEFAULT_LANGUAGE) for country in ("DE", "PL", "US")])
    _load(staff, FIRST, _texts())


def load_renewed_version(staff: Actor) -> None:
    """The version that asks for a renewal. From now on what was agreed before it is stale."""
    _load(staff, RENEWED, _texts())


def language_of(country: str) -> str:
    """The language in which this country's demo customers read and accept: their own where the demo has its text."""
    return languages_for(country if country in COUNTRIES else "US")[0]


def _texts() -> list[tuple[str, str]]:
    return [(country, language) for country in COUNTRIES for language in languages_for(country)]


def _load(staff: Actor, version: Version, texts: list[tuple[str, str]]) -> AgreementTemplate:
    template = create_template(by=staff, **version._asdict())
    for country, language in texts:
        add_document(
            by=staff,
            template=template,
            country=country,
            language=language,
            content=_sample(version, country, language).encode(),
            filename=f"sample-{version.version}-{country}-{language}.txt",
        )
    return template


def _sample(version: Version, country: str, language: str) -> str:
    text = SAMPLES[language]
    head = [
        text.title,
        text.notice,
        f"SAMPLE / {version.type.value} / {version.version} / {countries.name(country)} ({country}) / {language}",
    ]
    clauses = [f"{number}. {clause}" for number, clause in enumerate(text.clauses, start=1)]
    return "\n\n".join([*head, *clauses]) + "\n"
