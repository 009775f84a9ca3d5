"""Icons: drawn as the library draws them, but once."""

import pytest
from django.template import Context, Template
from django.template.base import TextNode
from lucide import IconDoesNotExist
from lucide.templatetags.lucide import lucide as draw


def shown(text: str, **context: object) -> str:
    return Template("{% load lucide %}" + text).render(Context(context))


def test_a_constant_icon_is_drawn_when_the_template_is_read() -> None:
    made = Template('{% load lucide %}{% lucide "menu" size=20 aria_hidden="true" %}')
    assert isinstance(made.nodelist[-1], TextNode)
    assert made.render(Context()) == draw("menu", size=20, aria_hidden="true")


def test_a_variable_icon_is_drawn_for_its_name() -> None:
    for name in ("house", "users", "house"):
        assert shown("{% lucide name size=18 %}", name=name) == draw(name, size=18)


def test_attributes_are_escaped() -> None:
    assert 'class="&quot;&gt;&lt;b&gt;"' in shown('{% lucide "menu" class=said %}', said='"><b>')


def test_an_icon_can_be_put_into_a_variable() -> None:
    assert shown('{% lucide "menu" as it %}[{{ it }}]') == f"[{draw('menu')}]"


def test_an_unknown_icon_is_a_mistake() -> None:
    with pytest.raises(IconDoesNotExist):
        shown('{% lucide "no-such-icon" %}')
