"""A customer's rows as Partner Center's resources."""

from urllib.parse import urlencode
from uuid import UUID, uuid5

from customers.models import AccountStatus, BillTo, EducationSegment, QualificationStatus
from customers.models import Customer as Row
from customers.models import Qualification as Kind
from customers.panels import denial
from customers.services import AdminCredentials, bill_to_of, bill_to_stamp
from portal.api.v1.customers import schemas as wire
from portal.api.v1.wire import Attributes, link
from portal.partners.models import Partner

RESELLER = "reseller"
ADMIN_CENTER = "https://admin.microsoft.com/Adminportal/Home"
QUALIFICATIONS = {
    Kind.EDUCATION: "Education",
    Kind.GOVERNMENT: "GovernmentCommunityCloud",
    Kind.STATE_OWNED: "StateOwnedEntity",
}
SEGMENTS = {"K12": EducationSegment.K12, "HigherEducation": EducationSegment.HIGHER}
VETTING = {
    QualificationStatus.IN_REVIEW: "InReview",
    QualificationStatus.APPROVED: "Approved",
    QualificationStatus.DENIED: "Denied",
}
ACCOUNT = {
    AccountStatus.UNDER_REVIEW: "InReview",
    AccountStatus.APPROVED: "Approved",
    AccountStatus.NOT_APPROVED: "Denied",
}


def customer_out(row: Row, *, credentials: AdminCredentials | None = None) -> wire.Customer:
    """All of a customer; with its administrator's first sign-in where it was just made."""
    return wire.Customer(
        id=row.tenant_id,
        commerce_id=_id(row, "commerce"),
        company_profile=company_profile(row, is_whole=False),
        billing_profile=billing_profile(row),
        relationship_to_partner=RESELLER if row.is_active else "none",
        allow_delegated_access=row.allows_delegated_admin,
        user_credentials=_credentials(credentials),
        custom_domains=[row.tenant.domain],
        associated_partner_id=row.reseller.tenant_id if row.reseller else None,
        links={"self": link(f"/customers/{row.tenant_id}")},
    )


def company_profile(row: Row, *, is_whole: bool = True) -> wire.CompanyProfile:
    """is_whole: with the address and the primary contact's e-mail, which only the profile itself tells."""
    profile = wire.CompanyProfile(
        tenant_id=row.tenant_id,
        domain=row.tenant.domain,
        company_name=row.company_name,
        organization_registration_number=row.registration_number or None,
        links={"self": link(f"/customers/{row.tenant_id}/profiles/company")},
    )
    if is_whole:
        contact = row.primary_contact
        profile.email = contact.email if contact else None
        profile.address = wire.Address(
            country=str(row.country),
            city=row.city or None,
            state=row.state or None,
            address_line1=row.address_line1 or None,
            address_line2=row.address_line2 or None,
            postal_code=row.postal_code or None,
            first_name=contact.first_name if contact else None,
            last_name=contact.last_name if contact else None,
            phone_number=contact.phone.as_e164 if contact and contact.phone else None,
        )
    return profile


def billing_profile(row: Row) -> wire.BillingProfile:
    bill_to: BillTo | None = getattr(row, "bill_to", None)
    said = bill_to_of(row, bill_to)
    return wire.BillingProfile(
        id=_id(row, "billing"),
        first_name=said.first_name or None,
        last_name=said.last_name or None,
        email=said.email or None,
        culture=row.language,
        language=row.language.partition("-")[0],
        company_name=said.company_name,
        default_address=wire.Address(
            country=said.country,
            city=said.city or None,
            state=said.state or None,
            address_line1=said.address_line1 or None,
            address_line2=said.address_line2 or None,
            postal_code=said.postal_code or None,
            first_name=said.first_name or None,
            last_name=said.last_name or None,
            phone_number=said.phone or None,
        ),
        links={"self": link(f"/customers/{row.tenant_id}/profiles/billing")},
        attributes=Attributes(object_type="CustomerBillingProfile", etag=bill_to_stamp(row, bill_to)),
    )


def reseller_out(reseller: Partner) -> wire.CustomerRelationship:
    """The indirect reseller that a customer buys through."""
    return wire.CustomerRelationship(
        id=reseller.tenant_id,
        name=reseller.name,
        relationship_type="is_indirect_cloud_solution_provider_of",
        mpn_id=reseller.mpn_id or None,
    )


def validation_status(row: Row) -> wire.ValidationStatus:
    """Where the vetting of the account stands."""
    status = ACCOUNT[AccountStatus(row.account_status)]
    return wire.ValidationStatus(type="account", status=status, last_update_date_time=row.updated_at)


def organization(row: Row) -> wire.Organization:
    contact = row.primary_contact
    return wire.Organization(
        street=", ".join(part for part in (row.address_line1, row.address_line2) if part),
        country_letter_code=str(row.country),
        postal_code=row.postal_code,
        city=row.city,
        state=row.state,
        display_name=row.company_name,
        technical_notification_mails=[contact.email] if contact else [],
    )


def qualifications(row: Row) -> list[wire.Qualification]:
    """The special qualification that was asked for, and what became of it; none for an ordinary customer."""
    if row.qualification == Kind.NONE:
        return []
    status = QualificationStatus(row.qualification_status or QualificationStatus.IN_REVIEW)
    return [
        wire.Qualification(
            qualification=QUALIFICATIONS[Kind(row.qualification)],
            vetting_status=VETTING[status],
            vetting_reason=str(denial(row)) or None,
            vetting_created_date=row.qualification_asked_at,
        )
    ]


def _credentials(made: AdminCredentials | None) -> wire.Credentials | None:
    if made is None:
        return None
    return wire.Credentials(user_name=made.user_name.partition("@")[0], password=made.password)


def _id(row: Row, what: str) -> UUID:
    """An id of something that has none of its own here: always the same for this partner's customer."""
    return uuid5(row.tenant_id, f"{what}:{row.partner.tenant_id}")


def request_url(own: Partner, *, provider: Partner | None, reseller: Partner | None) -> str:
    """The link of Microsoft's admin center that asks a company to accept this partner (facts, 2.9)."""
    asked = {
        "invType": "ResellerRelationship"
        if provider is None and reseller is None
        else "IndirectResellerRelationship",
        "partnerId": str((reseller or own).tenant_id),
        "msppId": "0",
        **({"indirectCSPId": str((provider or own).tenant_id)} if provider or reseller else {}),
        "DAP": "false",
    }
    return f"{ADMIN_CENTER}?{urlencode(asked)}#/BillingAccounts/partner-invitation"
