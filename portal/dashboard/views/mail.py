"""The mail folder, for staff, in local mode only: what it holds includes links that choose people's passwords."""

from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.dashboard import mailfolder
from portal.partners.access import staff_only
from portal.partners.http import PortalRequest


@staff_only
@require_safe
def mail_list(request: PortalRequest) -> HttpResponse:
    """The latest messages, or the news that they go to a mail server and cannot be read here."""
    folder = _folder()
    found = mailfolder.newest(folder) if folder else []
    return render(request, "dashboard/mail.html", {"has_folder": folder is not None, "letters": found})


@staff_only
@require_safe
def mail_message(request: PortalRequest, name: str) -> HttpResponse:
    """What one file of the folder holds."""
    folder = _folder()
    found = mailfolder.letters(folder, name) if folder else []
    if not found:
        raise Http404
    return render(request, "dashboard/mail_message.html", {"letters": found})


def _folder() -> Path | None:
    if not settings.IS_LOCAL:
        raise Http404
    return mailfolder.folder()
