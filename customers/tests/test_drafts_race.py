"""Windows that save one draft in the same moment: one is first, the others are told, nothing is lost silently."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from customers.models import OnboardingDraft
from customers.services import DraftChanged, Seen, drafts, save_draft, start_draft
from portal.common.actor import Actor
from portal.jobs.tests.concurrency import shared_by_threads, together
from portal.partners.models import Membership

pytestmark = pytest.mark.django_db(transaction=True)
Act = Callable[..., Actor]
WINDOWS = 8


@pytest.fixture
def wide_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has read the draft takes its time before writing."""
    read = drafts.lock_draft

    def slowly(draft_id: Any) -> OnboardingDraft:
        draft = read(draft_id)
        time.sleep(0.05)
        return draft

    monkeypatch.setattr(drafts, "lock_draft", slowly)


def saved_by(member: Membership, act: Act, *, are_told: bool) -> tuple[list[Any], list[BaseException]]:
    """What each window got: the draft, or DraftChanged among the errors."""
    by = act(member)
    draft = start_draft(by=by, partner=member.partner)

    def save(number: int) -> OnboardingDraft:
        seen = Seen(version=0, window=f"w{number}") if are_told else None
        return save_draft(by=by, draft=draft, page="account", typed={"x": str(number)}, seen=seen)

    return together(WINDOWS, save)


@pytest.mark.usefixtures("wide_window")
def test_one_window_is_first_and_every_other_is_told(sales_agent: Membership, actor_for: Act, tmp_path: Path) -> None:
    with shared_by_threads(tmp_path):
        made, errors = saved_by(sales_agent, actor_for, are_told=True)
        assert len(made) == 1
        assert [type(error) for error in errors] == [DraftChanged] * (WINDOWS - 1)
        kept = OnboardingDraft.objects.get()
        assert (kept.version, kept.data["account"]) == (1, made[0].data["account"])


@pytest.mark.usefixtures("wide_window")
def test_without_versions_the_last_one_wins_unnoticed(
    sales_agent: Membership, actor_for: Act, tmp_path: Path
) -> None:
    """Negative control: what the versions prevent."""
    with shared_by_threads(tmp_path):
        made, errors = saved_by(sales_agent, actor_for, are_told=False)
        assert (len(made), errors) == (WINDOWS, [])
        assert OnboardingDraft.objects.get().version == WINDOWS


def test_the_lock_holds_the_version_together(sales_agent: Membership, actor_for: Act, tmp_path: Path) -> None:
    """Negative control of the lock, where it is one: SQLite lets one writer in at a time anyway."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no row locks to leave out")

    def unlocked(draft_id: Any) -> OnboardingDraft:
        draft = OnboardingDraft.objects.get(pk=draft_id)
        time.sleep(0.3)
        return draft

    with pytest.MonkeyPatch.context() as patch, shared_by_threads(tmp_path):
        patch.setattr(drafts, "lock_draft", unlocked)
        made, _errors = saved_by(sales_agent, actor_for, are_told=True)
        assert len(made) > 1
