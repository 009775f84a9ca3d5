"""Which language of the interface fits a person or a customer."""

from django.utils.translation import get_supported_language_variant

FALLBACK = "en"
# Who writes the traditional characters reads English rather than the simplified ones, as Unicode's locales have it.
TRADITIONAL_CHINESE = ("zh-hant", "zh-tw", "zh-hk", "zh-mo")


def interface_language(code: str) -> str:
    """The language of the interface that fits a locale such as `pl-PL` or `zh-Hans` best; English if none does."""
    code = code.lower()
    try:
        found = get_supported_language_variant(code)
    except (LookupError, ValueError):
        return FALLBACK
    is_other_script = code.startswith(TRADITIONAL_CHINESE) and not found.startswith(TRADITIONAL_CHINESE)
    return FALLBACK if is_other_script else found
