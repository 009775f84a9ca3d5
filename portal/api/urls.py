"""The API's own addresses. They are not among the pages': the middleware answers before those are looked at, and
`portal.tests.guards.test_api_access` walks them.
"""

from django.urls import path

from portal.api.v1.api import api
from portal.api.v1.docs import docs_page
from portal.api.v1.openapi import openapi

urlpatterns = [path("v1/openapi.json", openapi), path("v1/docs", docs_page), path("v1/", api.urls)]
