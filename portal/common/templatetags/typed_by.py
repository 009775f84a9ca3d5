"""`{% csrf_token %}`, which also says whose words a form carries. Built in: no form can forget it."""

from django import template
from django.template.base import Parser, Token
from django.template.context import Context
from django.template.defaulttags import CsrfTokenNode
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.common.kept_forms import FIELD, mark_of

register = template.Library()


class SignedFormNode(CsrfTokenNode):
    """Django's token, and beside it, for a signed-in person, the sealed id that `kept_forms` reads."""

    def render(self, context: Context) -> SafeString:
        token: SafeString = super().render(context)
        user = getattr(getattr(context, "request", None), "user", None)
        if not token or user is None or not user.is_authenticated:
            return token
        return format_html('{}<input type="hidden" name="{}" value="{}">', token, FIELD, mark_of(user))


@register.tag
def csrf_token(parser: Parser, token: Token) -> SignedFormNode:
    return SignedFormNode()
