"""What real clients sent, sent again: the requests of captured/*.http, in turn, each answer read strictly.

A block is a request with its headers and body and, after `>`, the status that is expected and what is remembered of
the answer (`customer=id`). `{{customer}}` stands for what is remembered. `AGAIN` repeats the request before it,
`NEXT /v1/` follows the link to the next page as the client puts it together, `@resource {…}` sends a whole answer
back with changes, in the client's spelling, `CONFIRM` is done elsewhere.
"""

import json
import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from portal.api.tests.readers import READERS, Reader
from portal.api.tests.sessions import Session

FOLDER = Path(__file__).parent / "captured"
PLACE = re.compile(r"\{\{(\w+)\}\}")
# What .NET sends for members that the answer does not have.
ABSENT = {"Error": None, "ParentSubscriptionId": None, "SuspensionReasons": None}


@dataclass(frozen=True)
class Step:
    title: str
    request: str
    headers: dict[str, str]
    body: str
    status: int
    kept: dict[str, str]


def steps_of(client: str) -> Iterator[Step]:
    text = (FOLDER / f"{client}.http").read_text()
    for block in text.split("\n### ")[1:]:
        title, request, *lines = block.strip().split("\n")
        at = next(number for number, line in enumerate(lines) if line.startswith("> "))
        first = next((number for number, line in enumerate(lines) if line[0] in '{["@'), at)
        status, *kept = lines[at].removeprefix("> ").split()
        yield Step(
            title=title,
            request=request,
            headers=dict(line.split(": ", 1) for line in lines[:first]),
            body="\n".join(lines[first:at]),
            status=int(status),
            kept=dict(pair.split("=", 1) for pair in kept),
        )


@dataclass
class Replay:
    """One client's requests. known: what is remembered; complaints: where its reader would have broken.

    confirm: records the acceptance for the customer with this id, where the client cannot.
    """

    client: str
    session: Session
    confirm: Callable[[str], None]
    known: dict[str, Any]
    complaints: list[str] = field(default_factory=list)
    sent: tuple[str, str, str, dict[str, str]] = ("", "", "", {})
    answered: Any = None

    @property
    def reader(self) -> Reader:
        return READERS[self.client]

    def run(self) -> "Replay":
        for step in steps_of(self.client):
            self._take(step)
        return self

    def _take(self, step: Step) -> None:
        if step.request == "CONFIRM":
            self.confirm(self.known["customer"])
            return
        before = self.answered
        if step.request != "AGAIN":
            self.sent = self._prepared(step)
        method, url, body, headers = self.sent
        self.answered = self.session.http.generic(
            method,
            url,
            body,
            content_type="application/json",
            headers={"Authorization": f"Bearer {self.session.token}", **headers},
        )
        text = self.answered.content.decode()
        problems = self.reader.complaints(self.answered.status_code, text)
        if self.answered.status_code != step.status:
            problems.append(f"answered {self.answered.status_code} instead of {step.status}: {text[:400]}")
        if step.request == "AGAIN" and text != before.content.decode():
            problems.append("answered differently the second time")
        self.complaints += [f"{self.client}, {step.title} ({method} {url}): {problem}" for problem in problems]
        self._remember(step, text)

    def _remember(self, step: Step, text: str) -> None:
        """What the answer has not is "", so that what follows goes wrong where it is told."""
        try:
            body = json.loads(text) if text else None
        except ValueError:
            body = None
        self.known |= {name: _at(body, path) for name, path in step.kept.items()}

    def _prepared(self, step: Step) -> tuple[str, str, str, dict[str, str]]:
        method, url = step.request.split(" ", 1)
        headers = {name: self._filled(value) for name, value in step.headers.items()}
        if method == "NEXT":
            link = (json.loads(self.answered.content).get("links") or {}).get("next") or {"uri": "", "headers": []}
            headers |= {header["key"]: header["value"] for header in link["headers"]}
            return "GET", url + link["uri"].lstrip("/"), "", headers
        body = self._filled(step.body)
        if body.startswith("@"):
            name, _, changes = body[1:].partition(" ")
            body = json.dumps(self._echoed(self.known[name], json.loads(changes)))
        return method, quote(self._filled(url), safe="/?&=*:%'()+-._~"), body, headers

    def _filled(self, text: str) -> str:
        return PLACE.sub(lambda found: str(self._value(found[1])), text)

    def _value(self, name: str) -> Any:
        return uuid.uuid4() if name == "uuid" else self.known.get(name, "")

    def _echoed(self, resource: Any, changes: dict[str, Any]) -> Any:
        """The resource as the client writes it, with its changes."""
        if not isinstance(resource, dict):
            return changes
        if self.client == "dotnet-sdk":
            return {**ABSENT, **_pascal(resource), **changes}
        if self.client == "pc-dotnet":
            return {**_pascal(resource), **changes}
        return {**resource, **changes}


def _pascal(value: Any) -> Any:
    if isinstance(value, dict):
        return {key[:1].upper() + key[1:]: _pascal(each) for key, each in value.items()}
    return [_pascal(each) for each in value] if isinstance(value, list) else value


def _at(body: Any, path: str) -> Any:
    """The value at a dotted path, "" where there is none; "." is all of it."""
    for part in [] if path == "." else path.split("."):
        try:
            body = body[int(part)] if isinstance(body, list) else body[part]
        except (KeyError, IndexError, TypeError, ValueError):
            return ""
    return body
