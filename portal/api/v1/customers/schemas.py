"""Customers as they go over the wire (facts, 2.1)."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_pascal

from portal.api.v1.wire import Attributes, Links, Wire, WireTime, choice

Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]
Relationship = choice("unknown", "none", "reseller", "advisor", "syndication", "microsoft_support")
Qualified = choice("Education", "GovernmentCommunityCloud", "StateOwnedEntity", "Nonprofit", "None")


class Address(Wire):
    """An address in the manner of its country. region: read where the country has states and none is given."""

    country: Line | None = Field(None, description="ISO 3166, two letters.")
    region: Line | None = None
    city: Line | None = None
    state: Line | None = Field(None, description="Code or name; only where the country's addresses have one.")
    address_line1: Line | None = None
    address_line2: Line | None = None
    postal_code: Line | None = None
    first_name: Line | None = None
    middle_name: Line | None = None
    last_name: Line | None = None
    phone_number: Line | None = Field(None, description="National or international.")


class CompanyProfile(Wire):
    tenant_id: UUID | None = None
    domain: str | None = None
    company_name: str | None = None
    organization_registration_number: str | None = None
    address: Address | None = None
    email: str | None = None
    links: Links | None = None
    attributes: Attributes = Attributes(object_type="CustomerCompanyProfile")


class BillingProfile(Wire):
    id: UUID | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    culture: str | None = Field(None, description="Such as en-US.")
    language: str | None = None
    company_name: str | None = None
    default_address: Address | None = None
    links: Links | None = None
    attributes: Attributes = Attributes(object_type="CustomerBillingProfile")


class Credentials(Wire):
    """The first sign-in of the customer's administrator. user_name: the part before @domain."""

    user_name: str
    password: str = Field(description="Told once; it cannot be read again.")


class Customer(Wire):
    id: UUID
    commerce_id: UUID
    company_profile: CompanyProfile
    billing_profile: BillingProfile
    relationship_to_partner: Relationship
    allow_delegated_access: bool
    user_credentials: Credentials | None = Field(None, description="Only where the customer was just created.")
    custom_domains: list[str]
    associated_partner_id: UUID | None = Field(None, description="The indirect reseller's Microsoft ID.")
    links: Links | None = None
    attributes: Attributes = Attributes(object_type="Customer")


class ListedProfile(Wire):
    tenant_id: UUID
    domain: str
    company_name: str
    attributes: Attributes


class ListedCustomer(Wire):
    """What the list tells; the rest is told of each by itself."""

    id: UUID
    company_profile: ListedProfile
    relationship_to_partner: str
    links: Links
    attributes: Attributes


class NewCompanyProfile(Wire):
    domain: Line = Field(description="With or without .onmicrosoft.com; at most 27 characters before it.")
    company_name: Line | None = None
    organization_registration_number: Line | None = None
    address: Address | None = Field(None, description="Where it is not the billing profile's.")


class NewBillingProfile(Wire):
    """etag: in attributes, of the profile that is replaced; without it whatever is there is replaced."""

    first_name: Line | None = None
    last_name: Line | None = None
    email: Line
    culture: Line
    language: Line
    company_name: Line | None = None
    default_address: Address
    attributes: Attributes | None = None


class NewCredentials(Wire):
    user_name: str | None = None
    password: str | None = None


class NewCustomer(Wire):
    """What else clients send with it, relationshipToPartner for instance, is left aside."""

    company_profile: NewCompanyProfile
    billing_profile: NewBillingProfile
    associated_partner_id: Line | None = Field(None, description="The indirect reseller's Microsoft ID.")
    relationship_to_partner: Relationship | None = None
    user_credentials: NewCredentials | None = None
    enable_gdap_by_default: bool | None = Field(None, alias="enableGDAPByDefault")


class CustomerChange(Wire):
    relationship_to_partner: Relationship | None = Field(None, description="none, to remove the relationship.")


class RemovedAttributes(BaseModel):
    model_config = ConfigDict(alias_generator=to_pascal)

    object_type: Literal["Customer"] = "Customer"


class RemovedCustomer(BaseModel):
    """The answer to the end of a relationship: the one that goes out in PascalCase, nulls and all (facts, 9.1)."""

    model_config = ConfigDict(alias_generator=to_pascal)

    id: None = None
    commerce_id: None = None
    company_profile: None = None
    billing_profile: None = None
    relationship_to_partner: Literal["none"] = "none"
    allow_delegated_access: None = None
    user_credentials: None = None
    custom_domains: None = None
    associated_partner_id: None = None
    attributes: RemovedAttributes = RemovedAttributes()


class CustomerRelationship(Wire):
    id: UUID
    name: str
    relationship_type: str
    mpn_id: str | None = None
    attributes: Attributes = Attributes(object_type="PartnerRelationship")


class RelationshipRequest(Wire):
    url: str
    attributes: Attributes = Attributes(object_type="RelationshipRequest")


class ValidationStatus(Wire):
    type: str
    status: str = Field(description="Approved, InReview or Denied.")
    last_update_date_time: WireTime


class Organization(Wire):
    street: str
    country_letter_code: str
    postal_code: str
    city: str
    state: str
    display_name: str
    technical_notification_mails: list[str]


class Qualification(Wire):
    qualification: str
    vetting_status: str = Field(description="InReview, Approved or Denied.")
    vetting_reason: str | None = None
    vetting_created_date: WireTime | None = None


class NewQualification(Wire):
    qualification: Qualified
    education_segment: choice("K12", "HigherEducation") | None = None  # type: ignore[valid-type]  # made by a function
    website: Line | None = None


class ValidationCode(Wire):
    """A code of the Government Community Cloud that stands for so many customers."""

    partner_id: UUID
    organization_name: str
    validation_id: str
    max_creates: int
    remaining_creates: int
    e_tag: str
