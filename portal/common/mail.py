"""One way to make a message: subject, text and HTML from templates, links on the portal's own address."""

from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string


def compose(template: str, *, to: str, path: str, **context: Any) -> EmailMultiAlternatives:
    """template: `<room>/mail/<name>`, for which .subject.txt, .txt and .html exist; path: where its link leads."""
    context = {**context, "link": f"{settings.PORTAL_URL}{path}"}
    subject = " ".join(render_to_string(f"{template}.subject.txt", context).split())
    message = EmailMultiAlternatives(subject, render_to_string(f"{template}.txt", context), to=[to])
    message.attach_alternative(render_to_string(f"{template}.html", context), "text/html")
    return message
