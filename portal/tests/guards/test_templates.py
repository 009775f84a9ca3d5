"""Templates: nothing inline, every word marked for translation, everything that is named exists."""

import ast
import re

import pytest
from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.urls import NoReverseMatch, reverse

from portal.tests.guards.helpers import Module, all_urls, project_modules, report, templates
from portal.tests.guards.markup import inline_code, untranslated

# (template, words) -> why they are not translated.
SAID_AS_IT_IS = {("customers/new/confirmation.html", "admin@"): "the beginning of an address"}
URL_TAG = re.compile(r"{%\s*url\s+(['\"])(?P<name>[^'\"]+)\1")
NAMED_TEMPLATE = re.compile(r"{%\s*(?:include|extends)\s+(['\"])(?P<name>[^'\"]+)\1")
TEMPLATE_NAME = re.compile(r"[\w./-]+\.(?:html|txt)")


def unmarked(found: dict[str, str], allowed: dict[tuple[str, str], str]) -> list[str]:
    complaints = [
        f"{name}: put {words!r} into translate or blocktranslate"
        for name, text in found.items()
        for words in untranslated(text, is_html=name.endswith(".html"))
        if (name, words) not in allowed
    ]
    for name, words in allowed:
        if words not in untranslated(found.get(name, ""), is_html=name.endswith(".html")):
            complaints.append(f"{name}: {words!r} is gone; take it off the list")
    return complaints


def known_url_names() -> frozenset[str]:
    return frozenset(url.name for url in all_urls() if not url.name.endswith(":"))


def url_names_in(modules: list[Module], found: dict[str, str]) -> list[tuple[str, str]]:
    """(where, URL name) for each `{% url %}`, reverse(…) and redirect(…) with a literal name."""
    named = [(name, match["name"]) for name, text in found.items() for match in URL_TAG.finditer(text)]
    for module in modules:
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
                continue
            called = getattr(node.func, "id", getattr(node.func, "attr", ""))
            value = str(node.args[0].value)
            if called in ("reverse", "reverse_lazy") or (called == "redirect" and "/" not in value):
                named.append((f"{module.name}:{node.lineno}", value))
    return named


def unknown_urls(modules: list[Module], found: dict[str, str]) -> list[str]:
    known = known_url_names()
    return [
        f"{where}: there is no URL named {name!r}"
        for where, name in url_names_in(modules, found)
        if name not in known
    ]


def missing_templates(modules: list[Module], found: dict[str, str]) -> list[str]:
    """Every template that Python or another template names must load, which also checks its syntax."""
    named = [(name, match["name"]) for name, text in found.items() for match in NAMED_TEMPLATE.finditer(text)]
    for module in modules:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Constant) and TEMPLATE_NAME.fullmatch(str(node.value)) and "/" in str(node.value):
                named.append((f"{module.name}:{node.lineno}", str(node.value)))
    complaints = []
    for where, name in named:
        try:
            get_template(name)
        except TemplateDoesNotExist as missing:
            complaints.append(f"{where}: there is no template {missing}")
    return complaints


def test_nothing_is_inline() -> None:
    complaints = [
        f"{name}: {danger}"
        for name, text in templates().items()
        if name.endswith(".html")
        for danger in inline_code(text)
    ]
    assert not complaints, report(complaints)


def test_every_word_is_marked_for_translation() -> None:
    complaints = unmarked(templates(), SAID_AS_IT_IS)
    assert not complaints, report(complaints)


def test_every_template_loads() -> None:
    for name in templates():
        get_template(name)


def test_every_named_template_exists() -> None:
    complaints = missing_templates(project_modules(), templates())
    assert not complaints, report(complaints)


def test_every_named_url_exists() -> None:
    complaints = unknown_urls(project_modules(), templates())
    assert not complaints, report(complaints)


@pytest.mark.parametrize(
    "bad",
    [
        "<script>alert(1)</script>",
        "<script nonce='{{ n }}'>x()</script>",
        "<style>a { color: red }</style>",
        '<p style="color: {{ colour }}">x</p>',
        '<a onclick="x()">x</a>',
        "<div {% if a %}hidden{% endif %} onload='x()'></div>",
        '<a href="javascript:void(0)">x</a>',
        '<div hx-on:click="x()"></div>',
        "<div hx-vals='js:{a: b()}'></div>",
    ],
)
def test_the_inline_guard_complains(bad: str) -> None:
    assert inline_code(bad)


def test_the_inline_guard_knows_what_is_fine() -> None:
    assert inline_code("<script src=\"{% static 'a.js' %}\" defer></script><p class='a'>{# <style> #}x</p>") == []


@pytest.mark.parametrize(
    "bad",
    [
        "<p>Customers</p>",
        "{% if a %}Save{% endif %}",
        '<input placeholder="Search">',
        '<a aria-label="Close">×</a>',
        "{{ total }} orders",
        "<p>Zażółć</p>",
        "{% translate 'Good' %} bad",
    ],
)
def test_the_words_guard_complains(bad: str) -> None:
    assert len(unmarked({"page.html": bad}, {})) == 1


@pytest.mark.parametrize(
    "fine",
    [
        "<p>{% translate 'Customers' %}</p>",
        "{% blocktranslate trimmed with name=x.name %}Hello <b>{{ name }}</b>{% endblocktranslate %}",
        '<p class="wide" id="name">{{ name }} · 1 – 2 %</p>',
        '<a aria-label="{% translate "Close" %}">×</a>',
        "{# a note #}{% comment %}more{% endcomment %}<!-- x -->&nbsp;",
    ],
)
def test_the_words_guard_knows_what_is_fine(fine: str) -> None:
    assert unmarked({"page.html": fine}, {}) == []


def test_the_words_guard_reads_mails_and_stale_entries() -> None:
    assert unmarked({"mail.txt": "{% translate 'Hello' %}\nBye"}, {})
    (complaint,) = unmarked({"page.html": ""}, {("page.html", "Gone"): "x"})
    assert "take it off" in complaint


def test_the_existence_guards_complain() -> None:
    assert unknown_urls([], {"page.html": "{% url 'customers:nowhere' %}"})
    assert unknown_urls([Module("x", "reverse('nowhere')\nredirect('customers:nowhere')")], {})
    assert unknown_urls([Module("x", "redirect('/somewhere/')\nreverse('customers:list')")], {}) == []
    assert missing_templates([Module("x", "render(request, 'no/such.html')")], {})
    assert missing_templates([], {"page.html": "{% include 'no/such.html' %}"})


def test_known_names_are_those_that_reverse() -> None:
    with pytest.raises(NoReverseMatch):
        reverse("customers:account")
    assert "customers:account" in known_url_names()
