"""Addresses as clients spell them: Partner Center matches their words in any case, and so does the portal."""

from functools import cache

from django.http import HttpRequest, QueryDict

from portal.api.v1.api import api


def respelled_path(path: str) -> str:
    """The path with each word in the spelling that it has here; ids stay as they are."""
    words, _names = _known()
    return "/".join(words.get(part.lower(), part) for part in path.split("/"))


def respell_query(request: HttpRequest) -> None:
    """Give the names in the request's query the spelling that they have here."""
    _words, names = _known()
    if all(names.get(name.lower(), name) == name for name in request.GET):
        return
    told = QueryDict(mutable=True)
    for name, values in request.GET.lists():
        told.setlist(names.get(name.lower(), name), values)
    request.GET = told  # type: ignore[assignment]  # as immutable as needed: nobody writes to it


@cache
def _known() -> tuple[dict[str, str], dict[str, str]]:
    """Lower case -> own spelling, of the words in paths and of the names in queries."""
    words, names = {}, {}
    for router in api._get_bound_routers():
        for path, view in router.path_operations.items():
            words.update({part.lower(): part for part in path.split("/") if not part.startswith("{")})
            for operation in view.operations:
                for model in operation.models:
                    if model.__ninja_param_source__ == "query":
                        names.update({name.lower(): name for name in model.__ninja_flatten_map__})
    return words, names
