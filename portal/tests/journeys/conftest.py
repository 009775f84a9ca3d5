"""A real Chromium on the live portal, signed in by hand, with axe looking at every page it is shown."""

import re
import shutil
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, expect

from agreements.models import AgreementTemplate
from orders.tests.factories import AvailabilityFactory
from portal.partners.models import Membership
from portal.partners.tests.factories import PASSWORD

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NARROW, WIDE = {"width": 320, "height": 720}, {"width": 1280, "height": 900}

expect.set_options(timeout=15_000)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert path, "Install Chromium: apt-get install chromium"
    return {**browser_type_launch_args, "executable_path": path, "args": CHROMIUM_FLAGS}


class Portal:
    """One person's browser. Every `look` holds the page against the house's bars."""

    def __init__(self, page: Page, base: str) -> None:
        self.page, self.base = page, base
        self.complaints: list[str] = []
        self.excused: list[str] = []
        page.on("console", self._hear)
        page.on("requestfailed", self._excuse)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, message: ConsoleMessage) -> None:
        name = message.text.partition(",")[0]
        if message.type == "error" and name in self.excused:
            self.excused.remove(name)
        elif message.type == "error":
            self.complaints.append(message.text)

    def _excuse(self, request: Request) -> None:
        """A question of the page that the browser broke off, as the page was left: htmx complains of it twice."""
        if request.failure != "net::ERR_ABORTED" or not request.headers.get("hx-request"):
            return
        for name in ("htmx:afterRequest", "htmx:sendError"):
            heard = next((line for line in self.complaints if line.partition(",")[0] == name), None)
            if heard is None:
                self.excused.append(name)
            else:
                self.complaints.remove(heard)

    def open(self, path: str) -> None:
        self.page.goto(f"{self.base}{path}")

    def sign_in(self, member: Membership) -> None:
        self.open("/accounts/login/")
        self.page.get_by_label("Email").fill(member.user.email)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page.get_by_role("heading", name="Home")).to_be_visible()
        # The page's scripts are in place from here on.
        self.page.wait_for_load_state()

    def look(self) -> None:
        """No accessibility violation, no message in the console, nothing cut off on a small phone."""
        found = Axe().run(self.page)
        assert found.violations_count == 0, found.generate_report()
        assert self.complaints == []
        size = self.page.viewport_size
        self.page.set_viewport_size(NARROW)
        spread = self.page.evaluate("document.documentElement.scrollWidth")
        assert spread <= NARROW["width"], f"{self.page.url} is {spread} px wide on a 320 px screen"
        self.page.set_viewport_size(size or WIDE)

    def click(self, name: str, role: str = "button") -> None:
        # What the page still asks for would be broken off by leaving it.
        expect(self.page.locator(".htmx-request")).to_have_count(0)
        self.page.get_by_role(role, name=re.compile(rf"^{re.escape(name)}")).first.click()

    def fill(self, label: str, value: str) -> None:
        self.page.get_by_label(label, exact=True).and_(self.page.locator(":visible")).fill(value)


@pytest.fixture
def portal_for(live_server: Any, new_context: Callable[..., BrowserContext]) -> Callable[..., Portal]:
    """Start a browser of its own and sign this member in."""

    def start(member: Membership, **context: Any) -> Portal:
        portal = Portal(new_context(viewport=WIDE, **context).new_page(), live_server.url)
        portal.sign_in(member)
        return portal

    return start


@pytest.fixture
def shop(template: AgreementTemplate) -> None:
    """Something to buy in Poland and Sweden."""
    for market, currency in (("PL", "PLN"), ("SE", "SEK")):
        AvailabilityFactory(market=market, currency=currency, sku__title="Microsoft 365 Business Premium")
