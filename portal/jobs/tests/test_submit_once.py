"""portal.jobs.services.submit_once: the same submit again has no second effect."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import transaction

from portal.common.actor import Actor, ActorKind, Door
from portal.jobs.models import Submission
from portal.jobs.services import SubmissionConflict, submit_once
from portal.jobs.tests.concurrency import shared_by_threads, together
from portal.partners.models import User

BY = Actor(kind=ActorKind.AGENT, name="Test", door=Door.ORDER, user_id=7)


def new_user(label: str = "") -> Callable[[], str]:
    """An effect that can be counted."""
    lock = threading.Lock()

    def effect() -> str:
        with lock:
            number = User.objects.count() + 1
        return str(User.objects.create_user(f"{label}{number}@partner.example", label).pk)

    return effect


@transaction.atomic
def submit(key: str = "k", by: Actor = BY, form: str = "test.form", **body: object) -> tuple[str, bool]:
    return submit_once(by=by, form=form, key=key, body=body, effect=new_user())


def test_the_first_has_its_effect_and_a_repetition_answers_the_same(db: None) -> None:
    first, is_repeated = submit(a=1)
    assert not is_repeated
    assert submit(a=1) == (first, True)
    assert User.objects.count() == 1


def test_the_order_of_the_body_does_not_matter(db: None) -> None:
    submit(a=1, b=2)
    assert submit(b=2, a=1)[1]


def test_another_body_under_the_same_key_is_a_conflict(db: None) -> None:
    first, _is_repeated = submit(a=1)
    with pytest.raises(SubmissionConflict) as refused:
        submit(a=2)
    assert (refused.value.code, refused.value.status) == ("submission_conflict", 409)
    assert refused.value.earlier == first
    assert User.objects.count() == 1


def test_keys_of_other_people_and_forms_are_their_own(db: None) -> None:
    submit(a=1)
    other = Actor(kind=ActorKind.AGENT, name="Other", door=Door.ORDER, user_id=8)
    assert not submit(by=other, a=1)[1]
    assert not submit(form="test.other", a=1)[1]
    assert not submit(key="k2", a=1)[1]


def test_a_failed_effect_leaves_the_key_free(transactional_db: None) -> None:
    def crash() -> str:
        new_user()()
        raise RuntimeError("crash")

    with pytest.raises(RuntimeError, match="crash"), transaction.atomic():
        submit_once(by=BY, form="test.form", key="k", body={}, effect=crash)
    assert not Submission.objects.exists()
    assert not User.objects.exists()
    assert not submit()[1]


def test_needs_a_transaction(transactional_db: None) -> None:
    with pytest.raises(transaction.TransactionManagementError):
        submit_once(by=BY, form="test.form", key="k", body={}, effect=lambda: "x")


@pytest.mark.django_db(transaction=True)
def test_twins_at_the_same_moment_have_one_effect(tmp_path: Path) -> None:
    with shared_by_threads(tmp_path):
        answers, errors = together(8, lambda number: submit(a=1))
        assert errors == []
        assert len({result for result, _repeated in answers}) == 1
        assert sorted(repeated for _result, repeated in answers) == [False] + [True] * 7
        assert User.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_it_each_twin_has_its_effect(tmp_path: Path) -> None:
    """Negative control: the same threads without the key make one row each."""

    def effect(number: int) -> str:
        with transaction.atomic():
            return new_user(f"twin{number}-")()

    with shared_by_threads(tmp_path):
        answers, errors = together(8, effect)
        assert errors == []
        assert len(set(answers)) == User.objects.count() == 8
