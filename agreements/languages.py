"""In which languages the agreement exists for a country (Partner Center's table; facts 1.5).

Every country has en-US; these have one more.
"""

from django.conf.locale import LANG_INFO
from django_countries import countries

DEFAULT_LANGUAGE = "en-US"

# Django knows these by script, not by region.
REGIONAL_NAMES = {"zh-HK": "zh-hant", "zh-SG": "zh-hans"}

_COUNTRIES_BY_LANGUAGE = {
    "ar-SA": "BH EG IQ JO KW LB LY MU OM QA AE YE",
    "bg-BG": "BG",
    "cs-CZ": "CZ",
    "da-DK": "DK",
    "de-DE": "AT DE LI",
    "el-GR": "GR",
    "es-ES": "AR BZ BO CL CO CR DO SV GT HN MX NI PA PY PE ES UY VE",
    "et-EE": "EE",
    "fi-FI": "FI",
    "fr-FR": "DZ CI CM CA FR GF LU MC MA RW ST SN CH TN",
    "he-IL": "IL",
    "hi-IN": "IN",
    "hr-HR": "HR",
    "hu-HU": "HU",
    "id-ID": "ID",
    "it-IT": "IT",
    "ja-JP": "JP",
    "kk-KZ": "KZ",
    "ko-KR": "KR",
    "lt-LT": "LT",
    "lv-LV": "LV",
    "ms-MY": "MY",
    "nb-NO": "NO",
    "nl-NL": "BE NL",
    "pl-PL": "PL",
    "pt-BR": "BR",
    "pt-PT": "AO CV PT",
    "ro-RO": "MD RO",
    "ru-RU": "BY KG RU UZ",
    "sk-SK": "SK",
    "sl-SI": "SI",
    "sr-Latn-RS": "RS",
    "sv-SE": "SE",
    "th-TH": "TH",
    "tr-TR": "TR",
    "uk-UA": "UA",
    "vi-VN": "VN",
    "zh-HK": "HK MO TW",
    "zh-SG": "SG",
}

LANGUAGES_OF: dict[str, list[str]] = {}
for _language, _countries in _COUNTRIES_BY_LANGUAGE.items():
    for _country in _countries.split():
        LANGUAGES_OF.setdefault(_country, []).append(_language)

# Countries and territories in which the agreement is not offered at all.
NOT_OFFERED = frozenset("CN CU EH IR KP SD SY".split())
# Partner Center has texts for these too, which are no ISO 3166 codes.
FURTHER = frozenset("XE XJ XK XS".split())


def language_label(tag: str) -> str:
    """The language in its own words with its tag, like "polski (pl-PL)"."""
    for code in (tag, tag.lower(), tag.partition("-")[0], REGIONAL_NAMES.get(tag, "")):
        if code in LANG_INFO and "name_local" in LANG_INFO[code]:
            return f"{LANG_INFO[code]['name_local']} ({tag})"
    return tag


def languages_for(country: str) -> list[str]:
    """Language tags for an upper-case ISO 3166 code, the country's own first, en-US last."""
    return [*LANGUAGES_OF.get(country, []), DEFAULT_LANGUAGE]


def is_offered(country: str) -> bool:
    """Whether the agreement exists for this code, which counts letter by letter: upper case, two letters."""
    return country in FURTHER or (country in countries and country not in NOT_OFFERED)
