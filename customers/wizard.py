"""The engine of New customer: pages of forms over a draft row. What was typed is kept, valid or not.

The draft is the only state: it can be resumed elsewhere, two tabs with two drafts never mix, and every page is
validated again before anything is made of it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from customers.models import OnboardingDraft
from portal.common.forms import PortalForm, page_order
from portal.partners.models import Membership

Typed = Mapping[str, str]


@dataclass(frozen=True)
class StepContext:
    """What a step may look at while it builds its form. typed: the whole page as typed, by HTML name; kept: the
    draft's pages as they are kept.
    """

    membership: Membership
    today: date
    typed: Typed
    kept: Mapping[str, Typed] = field(default_factory=dict)

    def answer(self, step: str, name: str) -> str:
        return self.typed.get(f"{step}-{name}", "").strip()


@dataclass(frozen=True)
class Step:
    """One form of a page. key: its prefix; build: (data or None, context, initial) -> the form;
    applies: whether its answers count at all; settle: (the whole page as typed) -> as it is kept once it was sent.
    """

    key: str
    build: Callable[[Typed | None, StepContext, dict[str, str]], PortalForm]
    applies: Callable[[StepContext], bool] = lambda context: True
    settle: Callable[[Typed], dict[str, str]] = dict


class WizardPage:
    """One page of one draft. is_optional: it may be left out, and never holds up Review while nothing is typed."""

    def __init__(
        self,
        *,
        key: str,
        steps: Iterable[Step],
        draft: OnboardingDraft,
        membership: Membership,
        today: date,
        is_optional: bool = False,
    ) -> None:
        self.key, self.steps, self.draft, self.membership, self.today = key, tuple(steps), draft, membership, today
        self.is_optional = is_optional

    @property
    def kept(self) -> Typed | None:
        """What is kept of this page, None before anything was typed."""
        page: Typed | None = self.draft.data.get(self.key)
        return page

    def typed(self, posted: Mapping[str, str]) -> dict[str, str]:
        """The part of a request that belongs to this page's steps."""
        prefixes = tuple(f"{step.key}-" for step in self.steps)
        # PostgreSQL stores no NUL characters, and nobody types them.
        return {_plain(name): _plain(value)[:4000] for name, value in posted.items() if name.startswith(prefixes)}

    def settled(self, posted: Mapping[str, str]) -> dict[str, str]:
        """What was typed, as the page shows it when it comes back."""
        typed = self.typed(posted)
        for step in self.steps:
            typed = step.settle(typed)
        return typed

    def forms(self, typed: Typed | None, *, validate: bool) -> dict[str, PortalForm]:
        """Step key -> form, filled with what was typed; bound where `validate` and the step applies."""
        context = StepContext(self.membership, self.today, typed or {}, self.draft.data)
        return {
            step.key: step.build(
                typed if validate and typed is not None and step.applies(context) else None,
                context,
                self._initial(step, typed),
            )
            for step in self.steps
        }

    def valid_forms(self) -> dict[str, PortalForm] | None:
        """The bound forms of what is kept if every one that applies is valid, else None; {} for a page left out."""
        if self.kept is None:
            return {} if self.is_optional else None
        bound = {key: form for key, form in self.forms(self.kept, validate=True).items() if form.is_bound}
        return bound if (bound or self.is_optional) and is_valid(bound) else None

    def differences(self, typed: Typed) -> list[tuple[str, str, str]]:
        """(label, what is kept, what was typed) of each answer of this page that is not the same, in page order."""
        kept = self.kept or {}
        here, there = self.forms(typed, validate=False), self.forms(kept, validate=False)
        found = []
        for step in self.steps:
            for name in dict.fromkeys([*page_order(here[step.key]), *page_order(there[step.key])]):
                form = here[step.key] if name in here[step.key].fields else there[step.key]
                values = [page.get(f"{step.key}-{name}", "") for page in (kept, typed)]
                if values[0] != values[1]:
                    found.append((str(form[name].label), *(_in_words(form, name, value) for value in values)))
        return found

    @staticmethod
    def _initial(step: Step, typed: Typed | None) -> dict[str, str]:
        prefix = f"{step.key}-"
        return {name.removeprefix(prefix): value for name, value in (typed or {}).items() if name.startswith(prefix)}


def first_incomplete(pages: Iterable[WizardPage]) -> WizardPage | None:
    """The first page whose answers are missing or not right (any more); None when the draft is ready to submit."""
    return next((page for page in pages if page.valid_forms() is None), None)


def is_valid(forms: Mapping[str, PortalForm]) -> bool:
    """Whether all are; asks every one, so that all errors show at once."""
    verdicts = [form.is_valid() for form in forms.values() if form.is_bound]
    return all(verdicts)


def put_refusal(forms: Mapping[str, PortalForm], field: str | None, message: Any) -> None:
    """Show a service's refusal at the form that has the field, else at the first one."""
    bound = [form for form in forms.values() if form.is_bound]
    owner = next((form for form in bound if field in form.fields), None)
    (owner or bound[0]).add_error(field if owner else None, str(message))


def _plain(text: str) -> str:
    return text.replace("\x00", "")


def _in_words(form: PortalForm, name: str, value: str) -> str:
    """A choice as the page words it, and what has words of its own; everything else as typed."""
    in_words = getattr(form.fields[name], "in_words", None)
    if in_words is not None:
        return str(in_words(value))
    choices = getattr(form.fields[name], "choices", ())
    return str(next((label for code, label in choices if str(code) == value and value), value))
