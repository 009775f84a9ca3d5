"""`{% load lucide %}`: the icon library's tag, drawn once instead of for every reader of every page.

Drawing an icon copies and writes an XML tree; a list shows it a hundred times. What is the same every time is drawn
when the template is read; the rest is kept by name and attributes.
"""

from functools import lru_cache

from django import template
from django.template.base import FilterExpression, Node, Parser, TextNode, Token, Variable
from django.template.context import Context
from django.utils.safestring import SafeString
from lucide.templatetags.lucide import lucide as draw

register = template.Library()


@lru_cache(maxsize=512)
def _drawn(name: str, size: int | None, attributes: tuple[tuple[str, str], ...]) -> SafeString:
    return SafeString(draw(name, size=size, **dict(attributes)))


def icon(name: str, *, size: int | None = 24, **attributes: object) -> SafeString:
    """The icon's SVG; attributes: of the `svg` element, `_` for `-`."""
    return _drawn(str(name), size, tuple((key, str(value)) for key, value in attributes.items()))


# The library's own way to read arguments; kept under a name that templates do not use.
_reader = template.Library()
_reader.simple_tag(icon, name="lucide")


@register.tag
def lucide(parser: Parser, token: Token) -> Node:
    """{% lucide "name" size=16 aria_hidden="true" %}"""
    node = _reader.tags["lucide"](parser, token)
    said = [*node.args, *node.kwargs.values()]
    if node.target_var is None and all(_is_constant(each) for each in said):
        return TextNode(node.render(Context()))
    return node


def _is_constant(said: FilterExpression) -> bool:
    return not said.filters and (not isinstance(said.var, Variable) or said.var.lookups is None)
