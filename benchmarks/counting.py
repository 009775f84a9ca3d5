"""How many SQL statements a page takes, counted in process; over HTTP nobody sees them."""

from collections.abc import Callable

from django.conf import settings
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from benchmarks.browser import Answer, Browser
from benchmarks.cases import Case
from benchmarks.floor import settings as floor
from benchmarks.seed import Seeded

FLOOR = {
    name: getattr(floor, name) for name in ("ROOT_URLCONF", "MIDDLEWARE", "TEMPLATES", "AUTHENTICATION_BACKENDS")
}


class InProcess(Browser):
    """The same requests, handed to Django in this process."""

    def __init__(self, session: str) -> None:
        super().__init__(80, session)
        self.client = Client(headers={"host": "127.0.0.1", "x-forwarded-proto": "https"})
        self.client.cookies[settings.SESSION_COOKIE_NAME] = session

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        kind = headers.get("Content-Type", "text/html")
        with CaptureQueriesContext(connection) as captured:
            own = {name: headers[name] for name in ("Authorization",) if name in headers}
            response = self.client.generic(method, path, body or b"", content_type=kind, headers=own)
        return Answer(response.status_code, response.content, response.get("Location", ""), 0, len(captured))


def statements(seeded: Seeded) -> Callable[[str, Case], int]:
    """(side, case) -> statements of one request, once everything is warm."""

    def count(side: str, case: Case) -> int:
        with override_settings(**({} if side == "portal" else FLOOR)):
            browser = InProcess(seeded.sessions[side])
            prepare = case.portal if side == "portal" else case.floor
            prepare(browser)(browser)
            answer = prepare(browser)(browser)
        connection.close()
        return answer.statements

    return count
