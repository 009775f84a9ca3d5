"""One way to make a message: subject, text and HTML from templates, links on the portal's own address."""

from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

from portal.common.languages import interface_language


def compose(template: str, *, to: str, path: str, language: str = "", **context: Any) -> EmailMultiAlternatives:
    """A message in the language of the interface that fits `language`, a locale such as "pl-PL".

    template: `<room>/mail/<name>`, for which .subject.txt, .txt and .html exist; path: where its link leads.
    The templates get `link`, `language` (for the HTML's lang) and the context.
    """
    spoken = interface_language(language)
    context = {**context, "link": f"{settings.PORTAL_URL}{path}", "language": spoken}
    with translation.override(spoken):
        # In one line: what a person typed into a name must not begin a header of its own.
        subject = " ".join(render_to_string(f"{template}.subject.txt", context).split())
        text = render_to_string(f"{template}.txt", context)
        html = render_to_string(f"{template}.html", context)
    message = EmailMultiAlternatives(subject, text, to=[to], headers={"Content-Language": spoken})
    message.attach_alternative(html, "text/html")
    return message
