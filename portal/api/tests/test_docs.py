"""/v1/docs: what it says is what the API's own description says."""

import re
from html import unescape

import pytest
from django.template.loader import render_to_string
from django.test import Client

from portal.api.v1.callers import Callers
from portal.api.v1.describing import Operation, Piece, describe, example_of, kind_of
from portal.api.v1.docs import operations_needs
from portal.partners.permissions import Permission

TYPES = {
    "Contact": {
        "title": "Contact",
        "type": "object",
        "properties": {
            "email": {"type": "string", "description": "Where it is reached."},
            "since": {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]},
            "above": {"anyOf": [{"$ref": "#/components/schemas/Contact"}, {"type": "null"}]},
        },
        "required": ["email"],
    },
    "Contacts": {
        "title": "Collection[Contact]",
        "type": "object",
        "properties": {
            "totalCount": {"type": "integer"},
            "items": {"type": "array", "items": {"$ref": "#/components/schemas/Contact"}},
            "links": {"type": "object", "additionalProperties": {"type": "string"}},
        },
    },
    "Cycle": {"type": "string", "enum": ["annual", "monthly"]},
}
BODY = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Contact"}}}}
SCHEMA = {
    "paths": {
        "/v1/customers/{customer_id}/contacts": {
            "post": {
                "operationId": "createContact",
                "summary": "Create Contact",
                "description": "Add a `contact`. Who is there\nalready stays.",
                "tags": ["Customers"],
                "parameters": [
                    {"in": "path", "name": "customer_id", "required": True, "schema": {"type": "string"}},
                    {
                        "in": "query",
                        "name": "cycle",
                        "required": True,
                        "schema": {"$ref": "#/components/schemas/Cycle"},
                    },
                    {"in": "query", "name": "size", "required": False, "schema": {"type": "integer"}},
                ],
                "requestBody": BODY,
                "responses": {201: BODY, 204: {"description": "No Content"}, 400: BODY, 404: BODY},
            },
            "get": {
                "operationId": "listContacts",
                "summary": "List Contacts",
                "tags": ["Customers"],
                "responses": {
                    200: {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Contacts"}}}}
                },
            },
        },
        "/v1/domains/{domain}": {"head": {"operationId": "checkDomain", "summary": "Check", "responses": {200: {}}}},
    },
    "components": {"schemas": TYPES},
}
NEEDS = {"createContact": (Permission.CUSTOMERS_EDIT, Callers.USER)}


def operation(key: str) -> Operation:
    described = describe(SCHEMA, NEEDS, base="https://portal.example")
    return next(each for area in described.areas for each in area.operations if each.key == key)


def test_an_operation_says_who_may_call_it_and_what_it_takes_and_gives() -> None:
    said = operation("createContact")
    assert (said.method, said.title, said.text) == ("POST", "Add a contact", "Who is there already stays.")
    assert (said.callers, str(said.permission)) == ("App+User only", "Edit customers")
    assert "Helpdesk agent" in map(str, said.roles)
    assert [(p.name, p.place, p.is_required) for p in said.parameters] == [
        ("customer_id", "path", True),
        ("cycle", "query", True),
        ("size", "query", False),
    ]
    assert said.parameters[1].kind == (Piece("one of annual, monthly"),)
    assert said.body == (Piece("Contact", "Contact"),)
    assert next((m.name, m.is_required, m.note) for m in said.body_members) == ("email", True, "Where it is reached.")
    assert [(each.status, bool(each.kind)) for each in said.answers] == [("201", True), ("204", False)]
    assert said.refusals == ("400", "404")


def test_the_example_can_be_pasted_and_holds_no_token() -> None:
    curl = operation("createContact").curl
    assert curl.startswith('curl -X POST "https://portal.example/v1/customers/$CUSTOMER_ID/contacts?cycle=…"')
    assert '-H "Authorization: Bearer $TOKEN"' in curl
    assert '"email": "…"' in curl
    assert operation("checkDomain-head").curl.startswith("curl --head ")


def test_without_a_declaration_any_token_will_do() -> None:
    said = operation("listContacts")
    assert (said.callers, said.permission) == ("App-only or App+User", "")


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "array", "items": {"$ref": "#/components/schemas/Contact"}}, "list of Contact"),
        ({"$ref": "#/components/schemas/Contacts"}, "Collection[Contact]"),
        ({"anyOf": [{"type": "integer"}, {"type": "string"}, {"type": "null"}]}, "whole number or text"),
        ({"anyOf": [{"type": "string", "format": "uuid"}, {"type": "null"}]}, "UUID"),
        ({"allOf": [{"$ref": "#/components/schemas/Cycle"}]}, "one of annual, monthly"),
        ({"type": "object", "additionalProperties": {"type": "number"}}, "object by name of number"),
        ({"const": "MicrosoftCustomerAgreement"}, "MicrosoftCustomerAgreement"),
        ({}, "anything"),
    ],
)
def test_what_values_are_called(schema: dict[str, object], words: str) -> None:
    assert " ".join(piece.words for piece in kind_of(schema, TYPES)) == words


def test_an_example_ends_where_types_hold_themselves() -> None:
    endless = {"properties": {"above": {"$ref": "#/components/schemas/Endless"}}, "type": "object"}
    assert example_of(endless, {"Endless": endless}) == {"above": {"above": {"above": {}}}}


def test_the_page_shows_every_operation_to_anybody(client: Client) -> None:
    response = client.get("/v1/docs")
    assert response.status_code == 200
    page = unescape(response.content.decode())
    for path, methods in client.get("/v1/openapi.json").json()["paths"].items():
        for said in methods.values():
            assert f'id="{said["operationId"]}' in page, path
    # Every link within the page leads somewhere.
    every = re.findall(r' id="([^"]+)"', page)
    ids = set(every)
    assert {target for target in re.findall(r'href="#([^"]+)"', page) if target not in ids} == set()
    assert len(ids) == len(every), "an id stands twice"
    assert "/v1/openapi.json" in page
    # Names as they stand on the wire.
    assert "totalCount" in page
    assert "total_count" not in page


def test_the_page_is_for_reading_only(client: Client) -> None:
    assert client.post("/v1/docs").status_code == 404
    response = client.get("/v1/docs")
    assert "script-src 'self'" in response["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]* src=\"/static/)|<[^>]+ style=|https?://cdn", response.content.decode())


def test_the_needs_of_every_operation_are_known(client: Client) -> None:
    paths = client.get("/v1/openapi.json").json()["paths"]
    described = {said["operationId"] for methods in paths.values() for said in methods.values()}
    assert described <= set(operations_needs())
    assert Callers.USER in {callers for _permission, callers in operations_needs().values()}


def test_what_a_description_holds_is_no_markup() -> None:
    schema = {"paths": {"/v1/x": {"get": {"operationId": "x", "summary": "<b>x</b>", "responses": {200: {}}}}}}
    page = render_to_string("api/docs.html", {"described": describe(schema, {}, base="")})
    assert "<b>x</b>" not in page
