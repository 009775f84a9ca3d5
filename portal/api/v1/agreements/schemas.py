"""Bodies of the agreement family. None of them carries attributes or links, but for the collection of metadata."""

from portal.api.v1.wire import Attributes, Links, Wire, WireTime, choice

MCA, CLOUD, EVERY = "MicrosoftCustomerAgreement", "MicrosoftCloudAgreement", "*"
AgreementKind = choice(MCA, CLOUD)


class AgreementMetaDataOut(Wire):
    """A text that can be confirmed. version_rank: how many versions of its type came before."""

    template_id: str
    agreement_type: str
    agreement_link: str
    version_rank: int


class MetaDataCollection(Wire):
    total_count: int
    items: list[AgreementMetaDataOut]
    links: Links
    attributes: Attributes


class DocumentOut(Wire):
    """Links to one text; they work for five minutes."""

    display_uri: str
    download_uri: str
    language: str
    country: str


class PrimaryContact(Wire):
    """Who accepted. Empty names: the person was erased from the record."""

    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone_number: str | None = None


class AgreementIn(Wire):
    """A confirmation. date_agreed: with a zone, the moment; without one, or at midnight UTC, that day of the
    calendar. attestation_id: of an enhanced attestation that the signatory accepted; then date and text are those of
    that acceptance.
    """

    primary_contact: PrimaryContact | None = None
    template_id: str | None = None
    date_agreed: str | None = None
    type: AgreementKind | None = None
    attestation_id: str | None = None


class AgreementOut(Wire):
    """A confirmation on record. user_id: of the member who recorded it."""

    user_id: str | None = None
    primary_contact: PrimaryContact
    template_id: str
    date_agreed: str
    type: str
    agreement_link: str


class AgreementCollection(Wire):
    total_count: int
    items: list[AgreementOut]


class DirectSignedOut(Wire):
    is_signed: bool


class PartnerAgreementOut(Wire):
    is_agreement_signed: bool


class CustomerAgreementRecord(Wire):
    """A customer's last confirmation by this partner. last_agreement_date_epoch: seconds;
    partner_attestation_completed: whether an acceptance is on record that still counts.
    """

    customer_tenant_id: str
    last_agreement_primary_contact: PrimaryContact
    last_agreement_date_epoch: int | None = None
    partner_attestation_completed: bool


class CustomerAgreementRecords(Wire):
    customer_agreement_records: list[CustomerAgreementRecord]
    continuation_token: str | None = None


class BulkAgreement(Wire):
    template_id: str | None = None
    primary_contact: PrimaryContact | None = None
    date_agreed: str | None = None


class BulkRow(Wire):
    """One customer. customer_direct_acceptance: the partner saw that the customer accepted with Microsoft."""

    partner_id: str | None = None
    customer_id: str | None = None
    agreement: BulkAgreement | None = None
    customer_direct_acceptance: bool = False


class BulkRowOut(Wire):
    """What became of a row. code, description: why it was refused."""

    customer_id: str = ""
    status: choice("recorded", "alreadyRecorded", "refused")
    code: int | None = None
    description: str | None = None


class EnhancedIn(Wire):
    """Whom to ask, for which company, and which text it reads."""

    country: str = ""
    language: str = "en-US"
    company_name: str = ""
    signatory_first_name: str = ""
    signatory_last_name: str = ""
    signatory_email: str = ""
    signatory_phone_number: str = ""


class EnhancedOut(Wire):
    """How it stands. url: the hosted page, for the signatory alone; while it can be answered."""

    id: str
    attestation_id: str
    status: choice("pending", "opened", "accepted", "declined", "expired")
    url: str | None = None
    country: str
    language: str
    company_name: str
    signatory_first_name: str
    signatory_last_name: str
    signatory_email: str
    signatory_phone_number: str | None = None
    created_at: WireTime
    expires_at: WireTime
    opened_at: WireTime | None = None
    accepted_at: WireTime | None = None
    declined_at: WireTime | None = None
    decline_reason: str | None = None
    is_used: bool
