"""The choice of a language: `{% load speaking %}`."""

from django import template
from django.template.context import Context

from portal.common.speaking import LanguageChoice, language_choices

register = template.Library()


@register.simple_tag(takes_context=True, name="language_choices")
def choices(context: Context) -> list[LanguageChoice]:
    """Empty where there is nothing to choose, and on pages that are drawn without a request."""
    request = context.get("request")
    return language_choices(request) if request is not None else []
