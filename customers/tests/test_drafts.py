"""customers.services.drafts: what was typed is kept, for its owner alone."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from customers.models import OnboardingDraft
from customers.services import DraftChanged, Seen, discard_draft, finish_draft, save_draft, start_draft
from customers.services.drafts import SAVES
from customers.tests.factories import CustomerFactory
from portal.common.actor import Actor
from portal.common.errors import NotFound, NotPermitted
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import MembershipFactory

Act = Callable[..., Actor]
TYPED = {"company-company_name": "Zażółć", "company-country": "nonsense"}


def pages(draft: OnboardingDraft) -> dict[str, Any]:
    return {key: typed for key, typed in draft.data.items() if key != SAVES}


def test_keeps_what_was_typed_valid_or_not(sales_agent: Membership, actor_for: Act) -> None:
    by = actor_for(sales_agent)
    draft = start_draft(by=by, partner=sales_agent.partner)
    save_draft(by=by, draft=draft, page="account", typed=TYPED)
    save_draft(by=by, draft=draft, page="agreement", typed={"a": "b"})
    draft.refresh_from_db()
    assert pages(draft) == {"account": TYPED, "agreement": {"a": "b"}}
    assert draft.title == "Zażółć"


def test_two_drafts_never_mix(sales_agent: Membership, actor_for: Act) -> None:
    by = actor_for(sales_agent)
    one, two = (start_draft(by=by, partner=sales_agent.partner) for _ in range(2))
    save_draft(by=by, draft=one, page="account", typed={"x": "1"})
    save_draft(by=by, draft=two, page="account", typed={"x": "2"})
    assert [OnboardingDraft.objects.get(pk=d.pk).data["account"]["x"] for d in (one, two)] == ["1", "2"]


def test_a_stale_copy_does_not_lose_another_page(sales_agent: Membership, actor_for: Act) -> None:
    by = actor_for(sales_agent)
    draft = start_draft(by=by, partner=sales_agent.partner)
    stale = OnboardingDraft.objects.get(pk=draft.pk)
    save_draft(by=by, draft=draft, page="account", typed={"x": "1"})
    save_draft(by=by, draft=stale, page="agreement", typed={"y": "2"})
    draft.refresh_from_db()
    assert set(pages(draft)) == {"account", "agreement"}


def test_only_the_owner_sees_it_and_only_under_its_partner(
    sales_agent: Membership,
    admin_agent: Membership,
    global_admin: Membership,
    stranger: Membership,
    provider: Partner,
    actor_for: Act,
) -> None:
    draft = start_draft(by=actor_for(sales_agent), partner=sales_agent.partner)
    elsewhere = MembershipFactory(user=sales_agent.user, partner=provider, roles=["sales_agent"])
    assert OnboardingDraft.objects.visible_to(sales_agent).get() == draft
    for other in (admin_agent, global_admin, stranger, elsewhere):
        assert not OnboardingDraft.objects.visible_to(other).exists()


def test_a_submitted_draft_is_emptied_and_stays(sales_agent: Membership, actor_for: Act) -> None:
    by = actor_for(sales_agent)
    draft = start_draft(by=by, partner=sales_agent.partner)
    save_draft(by=by, draft=draft, page="account", typed=TYPED)
    finish_draft(draft=draft, customer=CustomerFactory(partner=sales_agent.partner))
    save_draft(by=by, draft=draft, page="account", typed=TYPED)
    discard_draft(by=by, draft=draft)
    draft.refresh_from_db()
    assert draft.data == {}
    assert draft.submitted_at is not None
    assert not OnboardingDraft.objects.unfinished().exists()


def test_an_unfinished_draft_can_be_thrown_away(sales_agent: Membership, actor_for: Act) -> None:
    by = actor_for(sales_agent)
    draft = start_draft(by=by, partner=sales_agent.partner)
    discard_draft(by=by, draft=draft)
    assert not OnboardingDraft.objects.exists()


def test_the_same_empty_form_sent_twice_starts_one_draft(sales_agent: Membership, actor_for: Act) -> None:
    key = uuid.uuid4()
    first, again = (start_draft(by=actor_for(sales_agent), partner=sales_agent.partner, key=key) for _ in range(2))
    assert first == again


def test_the_key_of_somebody_elses_draft_leads_nowhere(
    sales_agent: Membership, admin_agent: Membership, actor_for: Act
) -> None:
    draft = start_draft(by=actor_for(sales_agent), partner=sales_agent.partner)
    with pytest.raises(NotFound):
        start_draft(by=actor_for(admin_agent), partner=admin_agent.partner, key=draft.pk)


def test_the_key_of_a_submitted_draft_leads_to_the_next_one(sales_agent: Membership, actor_for: Act) -> None:
    by, partner, key = actor_for(sales_agent), sales_agent.partner, uuid.uuid4()
    seen = []
    for _ in range(3):
        draft, again = (start_draft(by=by, partner=partner, key=key) for _ in range(2))
        assert draft == again
        seen.append(draft.pk)
        finish_draft(draft=draft, customer=CustomerFactory(partner=partner))
    assert seen[0] == key
    assert len(set(seen)) == 3


def test_what_was_thrown_away_is_gone(sales_agent: Membership, actor_for: Act) -> None:
    by = actor_for(sales_agent)
    draft = start_draft(by=by, partner=sales_agent.partner)
    discard_draft(by=by, draft=OnboardingDraft.objects.get(pk=draft.pk))
    with pytest.raises(NotFound):
        discard_draft(by=by, draft=draft)
    with pytest.raises(NotFound):
        save_draft(by=by, draft=draft, page="account", typed=TYPED)


def test_only_its_owner_may_touch_it(
    sales_agent: Membership, admin_agent: Membership, stranger: Membership, actor_for: Act
) -> None:
    draft = start_draft(by=actor_for(sales_agent), partner=sales_agent.partner)
    for other in (admin_agent, stranger):
        with pytest.raises(NotFound):
            save_draft(by=actor_for(other), draft=draft, page="account", typed=TYPED)
        with pytest.raises(NotFound):
            discard_draft(by=actor_for(other), draft=draft)
    assert OnboardingDraft.objects.get().data == {}


def test_drafts_need_the_right_to_create_customers(
    sales_agent: Membership, helpdesk_agent: Membership, stranger: Membership, actor_for: Act
) -> None:
    draft = start_draft(by=actor_for(sales_agent), partner=sales_agent.partner)
    by = actor_for(helpdesk_agent)
    with pytest.raises(NotPermitted):
        start_draft(by=by, partner=sales_agent.partner)
    with pytest.raises(NotPermitted):
        save_draft(by=by, draft=draft, page="account", typed=TYPED)
    with pytest.raises(NotPermitted):
        discard_draft(by=by, draft=draft)
    with pytest.raises(NotFound):
        start_draft(by=actor_for(stranger), partner=sales_agent.partner)


@pytest.fixture
def save(sales_agent: Membership, actor_for: Act) -> Callable[..., OnboardingDraft]:
    """Save one page of one draft as a window would: (what was typed, version, window, turn, page)."""
    by = actor_for(sales_agent)
    draft = start_draft(by=by, partner=sales_agent.partner)

    def now(typed: str, version: int, window: str, turn: int = 0, page: str = "account") -> OnboardingDraft:
        seen = Seen(version=version, window=window, turn=turn)
        return save_draft(by=by, draft=draft, page=page, typed={"x": typed}, seen=seen)

    return now


def kept() -> str:
    return str(OnboardingDraft.objects.get().data["account"]["x"])


def test_a_second_window_does_not_overwrite_the_first(save: Callable[..., OnboardingDraft]) -> None:
    save("one", 0, "w1")
    with pytest.raises(DraftChanged) as refused:
        save("two", 0, "w2")
    assert refused.value.current.data["account"] == {"x": "one"}
    assert kept() == "one"
    assert save("two", refused.value.current.version, "w2").version == 2  # having seen both
    with pytest.raises(DraftChanged):
        save("one again", 1, "w1")
    assert kept() == "two"


def test_a_late_save_of_the_same_window_does_not_undo_a_newer_one(save: Callable[..., OnboardingDraft]) -> None:
    save("first", 0, "w", turn=10)
    save("Next was pressed", 1, "w", turn=30)
    with pytest.raises(DraftChanged):
        save("sent before, came after", 1, "w", turn=20)
    assert kept() == "Next was pressed"


def test_a_window_whose_answer_was_lost_goes_on(save: Callable[..., OnboardingDraft]) -> None:
    """It knows an old version, but nobody else wrote meanwhile."""
    save("first", 0, "w", turn=10)
    assert save("typed on", 0, "w", turn=20).version == 2
    assert kept() == "typed on"


def test_the_same_answers_twice_are_no_conflict(save: Callable[..., OnboardingDraft]) -> None:
    save("same", 0, "w1")
    assert save("same", 0, "w2").version == 1


def test_another_page_is_no_conflict(save: Callable[..., OnboardingDraft]) -> None:
    save("one", 0, "w1")
    save("two", 0, "w2", page="subscriptions")
    assert save("three", 1, "w1").version == 3


def test_who_says_nothing_of_versions_is_believed(sales_agent: Membership, actor_for: Act) -> None:
    by = actor_for(sales_agent)
    draft = start_draft(by=by, partner=sales_agent.partner)
    for typed in ("a", "b"):
        save_draft(by=by, draft=draft, page="account", typed={"x": typed})
    assert kept() == "b"
