"""/v1/openapi.json: the API for programs to read (OpenAPI 3.1), made once per process. Needs no token."""

import json
from functools import cache

from django.http import HttpRequest, HttpResponse

from portal.api.v1.answers import JSON
from portal.api.v1.api import api

KEPT = "public, max-age=300"


def openapi(request: HttpRequest) -> HttpResponse:
    return HttpResponse(_description(), content_type=JSON, headers={"Cache-Control": KEPT})


@cache
def _description() -> str:
    return json.dumps(api.get_openapi_schema(path_prefix="v1/"), default=str)
