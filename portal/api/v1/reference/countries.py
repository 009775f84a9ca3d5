"""The rules of a country as clients ask for them before they send a customer (facts, 2.6).

Addresses, registration numbers and calling codes are those that the portal itself goes by. Cultures and the forms of
VAT numbers are only told.
"""

import re

import phonenumbers
from django_countries import countries

from customers import addresses, registration, rules
from portal.api.v1.reference.schemas import CountryRules

# Language -> where it is the first one of business. English elsewhere.
_COUNTRIES_BY_LANGUAGE = {
    "ar": "AE BH DJ DZ EG IQ JO KM KW LB LY MA MR OM PS QA SA SD SY TN YE",
    "az": "AZ",
    "be": "BY",
    "bg": "BG",
    "bs": "BA",
    "ca": "AD",
    "cs": "CZ",
    "da": "DK GL",
    "de": "AT CH DE LI",
    "el": "CY GR",
    "es": "AR BO CL CO CR CU DO EC ES GQ GT HN MX NI PA PE PR PY SV UY VE",
    "et": "EE",
    "fi": "FI",
    "fo": "FO",
    "fr": "BF BI BJ BL CD CF CG CI CM FR GA GF GN GP HT LU MC MF MG ML MQ NC NE PF PM RE SN TD TF TG WF YT",
    "he": "IL",
    "hr": "HR",
    "hu": "HU",
    "hy": "AM",
    "id": "ID",
    "is": "IS",
    "it": "IT SM VA",
    "ja": "JP",
    "ka": "GE",
    "kk": "KZ",
    "km": "KH",
    "ko": "KP KR",
    "ky": "KG",
    "lo": "LA",
    "lt": "LT",
    "lv": "LV",
    "mk": "MK",
    "mn": "MN",
    "ms": "BN MY",
    "my": "MM",
    "nb": "NO SJ",
    "ne": "NP",
    "nl": "AW BE BQ CW NL SR SX",
    "pl": "PL",
    "pt": "AO BR CV GW MZ PT ST TL",
    "ro": "MD RO",
    "ru": "RU",
    "sk": "SK",
    "sl": "SI",
    "sq": "AL XK",
    "sr": "ME RS",
    "sv": "AX SE",
    "tg": "TJ",
    "th": "TH",
    "tk": "TM",
    "tr": "TR",
    "uk": "UA",
    "uz": "UZ",
    "vi": "VN",
    "zh": "CN HK MO TW",
}
LANGUAGE_OF = {country: language for language, every in _COUNTRIES_BY_LANGUAGE.items() for country in every.split()}

# Members of the European Union: what follows the country's letters in a VAT number.
VAT_NUMBERS = {
    "AT": r"U[\d]{8,8}",
    "BE": r"[01][\d]{9,9}",
    "BG": r"[\d]{9,10}",
    "CY": r"[\d]{8,8}[A-Z]",
    "CZ": r"[\d]{8,10}",
    "DE": r"[\d]{9,9}",
    "DK": r"[\d]{8,8}",
    "EE": r"[\d]{9,9}",
    "ES": r"[A-Z0-9][\d]{7,7}[A-Z0-9]",
    "FI": r"[\d]{8,8}",
    "FR": r"[A-HJ-NP-Z0-9]{2,2}[\d]{9,9}",
    "GR": r"[\d]{9,9}",
    "HR": r"[\d]{11,11}",
    "HU": r"[\d]{8,8}",
    "IE": r"[\d][A-Z0-9+*][\d]{5,5}[A-Z]{1,2}",
    "IT": r"[\d]{11,11}",
    "LT": r"([\d]{9,9}|[\d]{12,12})",
    "LU": r"[\d]{8,8}",
    "LV": r"[\d]{11,11}",
    "MT": r"[\d]{8,8}",
    "NL": r"[\d]{9,9}B[\d]{2,2}",
    "PL": r"[\d]{10,10}",
    "PT": r"[\d]{9,9}",
    "RO": r"[\d]{2,10}",
    "SE": r"[\d]{12,12}",
    "SI": r"[\d]{8,8}",
    "SK": r"[\d]{10,10}",
}
VAT_LETTERS = {"GR": "EL"}

# What Partner Center tells of two countries in words of its own, as its documentation and a reader of it show.
US_STATES = frozenset(
    "AK AL AR AZ CA CO CT DC DE FL GA HI IA ID IL IN KS KY LA MA MD ME MI MN MO MS MT NC ND NE NH NJ NM NV NY OH OK "
    "OR PA RI SC SD TN TX UT VA VT WA WI WV WY".split()
)
US_PHONE = r"^(1[\-\/\.]?)?(\((\d{3})\)|(\d{3}))[\-\/\.]?(\d{3})[\-\/\.]?(\d{4})$"
POSTAL_CODES = {"US": r"^\d{5}(-\d{4})?$", "PT": r"^\d{4}(-\d{3})?$"}
LANGUAGES = {"US": ["en", "es"], "PT": ["en", "pt-PT"]}
CULTURES = {"US": ["en-US", "es-US"]}
TAX_IDS = {"US": ("US######", "US999965")}


def rules_of(country: str) -> CountryRules | None:
    """country: ISO 3166, two capitals. None for what is no country."""
    if country not in countries:
        return None
    asked = addresses.rules_for(country)
    states = [code for code, _label in asked.states]
    culture = f"{LANGUAGE_OF.get(country, 'en')}-{country}"
    tax_format, tax_sample = _tax_id(country)
    return CountryRules(
        iso2_code=country,
        default_culture=culture,
        is_state_required="state" in asked.required,
        supported_states_list=sorted(US_STATES.intersection(states) if country == "US" else states),
        supported_languages_list=LANGUAGES.get(country) or list(dict.fromkeys(["en", culture.partition("-")[0]])),
        supported_cultures_list=CULTURES.get(country) or list(dict.fromkeys([culture, f"en-{country}"])),
        is_postal_code_required="postal_code" in asked.required,
        postal_code_regex=POSTAL_CODES.get(country) or _postal_code(country),
        is_city_required="city" in asked.required,
        is_vat_id_supported=country in VAT_NUMBERS,
        tax_id_format=tax_format,
        tax_id_sample=tax_sample,
        vat_id_regex=_vat_number(country),
        phone_number_regex=US_PHONE if country == "US" else None,
        is_tax_id_supported=registration.kind_of(country) is not None,
        is_tax_id_optional=not rules.needs_registration_number(country),
        country_calling_codes_list=_calling_codes(country),
    )


def _postal_code(country: str) -> str | None:
    pattern = addresses.postal_code_pattern(country)
    return f"^({pattern})$" if pattern else None


def _vat_number(country: str) -> str | None:
    pattern = VAT_NUMBERS.get(country)
    return f"^{VAT_LETTERS.get(country, country)}{pattern}$" if pattern else None


def _tax_id(country: str) -> tuple[str | None, str | None]:
    """Format and sample of what a company there is known by: each # is a digit."""
    if country in TAX_IDS:
        return TAX_IDS[country]
    kind = registration.kind_of(country)
    if kind is not None:
        return re.sub(r"\d", "#", kind.example), kind.example
    digits = re.fullmatch(r"\[\\d\]\{(\d+),\1\}", VAT_NUMBERS.get(country, ""))
    return (f"{VAT_LETTERS.get(country, country)}{'#' * int(digits[1])}", None) if digits else (None, None)


def _calling_codes(country: str) -> list[str]:
    code = phonenumbers.country_code_for_region(country)
    return [str(code)] if code else []
