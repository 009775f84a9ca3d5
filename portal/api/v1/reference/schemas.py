"""What is the same for everybody: addresses and the rules of countries (facts, 2.5 and 2.6)."""

from pydantic import Field

from portal.api.v1.customers.schemas import Address
from portal.api.v1.wire import Attributes, Wire


class AddressValidation(Wire):
    """status: what may be done with the address; the two verified ones may be used as they are."""

    original_address: Address
    suggested_addresses: list[Address]
    status: str = Field(
        description="VerifiedShippable, Verified, InteractionRequired, StreetPartial, PremisesPartial, None "
        "or NotValidated."
    )
    validation_message: str | None = None


class CountryRules(Wire):
    """Patterns are for the whole text. What is not known of a country is left out."""

    iso2_code: str
    default_culture: str
    is_state_required: bool
    supported_states_list: list[str]
    supported_languages_list: list[str]
    supported_cultures_list: list[str]
    is_postal_code_required: bool
    postal_code_regex: str | None = None
    is_city_required: bool
    is_vat_id_supported: bool
    tax_id_format: str | None = None
    tax_id_sample: str | None = None
    vat_id_regex: str | None = None
    phone_number_regex: str | None = None
    is_tax_id_supported: bool
    is_tax_id_optional: bool
    country_calling_codes_list: list[str]
    attributes: Attributes = Attributes(object_type="CountryValidationRules")
