"""Profiles and relationships of partners as they go over the wire. What the portal does not know is left out."""

from uuid import UUID

from pydantic import Field

from portal.api.v1.wire import Attributes, Links, Wire, choice

RelationshipType = choice("IsIndirectCloudSolutionProviderOf", "IsIndirectResellerOf")


class PartnerAddress(Wire):
    """The portal keeps the country alone."""

    country: str | None = None
    region: str | None = None
    city: str | None = None
    state: str | None = None
    address_line1: str | None = None
    address_line2: str | None = None
    postal_code: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    phone_number: str | None = None


class Contact(Wire):
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone_number: str | None = None


class LegalBusinessProfile(Wire):
    company_name: str | None = None
    address: PartnerAddress | None = None
    primary_contact: Contact | None = None
    company_approver_address: PartnerAddress | None = None
    company_approver_email: str | None = None
    vetting_status: str | None = None
    vetting_sub_status: str | None = None
    profile_type: str = "LegalBusinessProfile"
    links: Links | None = None
    attributes: Attributes = Attributes(object_type="LegalBusinessProfile")


class OrganizationProfile(Wire):
    id: str | None = None
    company_name: str | None = None
    default_address: PartnerAddress | None = None
    tenant_id: str | None = None
    domain: str | None = None
    email: str | None = None
    language: str | None = Field(None, description="Such as en; goes with culture.")
    culture: str | None = Field(None, description="Such as en-US.")
    profile_type: str = "OrganizationProfile"
    links: Links | None = None
    attributes: Attributes = Attributes(object_type="OrganizationProfile")


class SupportProfile(Wire):
    email: str | None = None
    telephone: str | None = None
    website: str | None = None
    profile_type: str = "support_profile"
    links: Links | None = None
    attributes: Attributes = Attributes(object_type="PartnerSupportProfile")


class MpnProfile(Wire):
    partner_name: str | None = None
    mpn_id: str | None = None
    profile_type: str = "MpnProfile"
    links: Links | None = None
    attributes: Attributes = Attributes(object_type="MpnProfile")


class PartnerBillingProfile(Wire):
    company_name: str | None = None
    address: PartnerAddress | None = None
    primary_contact: Contact | None = None
    purchase_order_number: str | None = None
    tax_id: str | None = None
    billing_day: int | None = None
    billing_currency: str | None = None
    profile_type: str = "BillingProfile"
    links: Links | None = None
    attributes: Attributes = Attributes(object_type="BillingProfile")


class PartnerRelationship(Wire):
    id: UUID
    name: str
    relationship_type: str = Field(description="is_indirect_cloud_solution_provider_of or is_indirect_reseller_of.")
    state: str
    mpn_id: str | None = None
    location: str = Field(description="Country, two letters.")
    attributes: Attributes = Attributes(object_type="PartnerRelationship")
