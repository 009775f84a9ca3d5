"""Requests say in what they are written; what no browser and no client writes is not believed."""

import codecs
from collections.abc import Callable, Iterable
from typing import Any

from django.utils.http import parse_header_parameters

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
# As codecs call them.
USUAL = ("utf-8", "ascii", "iso8859-1")


def only_usual_charsets(application: Application) -> Application:
    """The WSGI application, told nothing of the charset where that is none of the usual ones.

    Django decodes the query by it before any middleware runs: some codecs raise there, others make NUL or halves of
    surrogate pairs of plain letters.
    """

    def served(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        said = environ.get("CONTENT_TYPE", "")
        if not is_usual(said):
            environ["CONTENT_TYPE"] = said.partition(";")[0]
        return application(environ, start_response)

    return served


def is_usual(content_type: str) -> bool:
    """Whether the header can be read and names a usual charset, or none."""
    try:
        _kind, parameters = parse_header_parameters(content_type)
        return codecs.lookup(parameters.get("charset", "utf-8")).name in USUAL
    except (LookupError, ValueError):
        return False
