"""The engine of New customer: pages of forms over a draft row. What was typed is kept, valid or not.

The draft is the only state: it can be resumed elsewhere, two tabs with two drafts never mix, and every page is
validated again before anything is made of it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from customers.models import OnboardingDraft
from portal.common.forms import PortalForm
from portal.partners.models import Membership

Typed = Mapping[str, str]


@dataclass(frozen=True)
class StepContext:
    """What a step may look at while it builds its form. typed: the whole page as typed, by HTML name."""

    membership: Membership
    today: date
    typed: Typed

    def answer(self, step: str, name: str) -> str:
        return self.typed.get(f"{step}-{name}", "").strip()


@dataclass(frozen=True)
class Step:
    """One form of a page. key: its prefix; build: (data or None, context, initial) -> the form;
    applies: whether its answers count at all.
    """

    key: str
    build: Callable[[Typed | None, StepContext, dict[str, str]], PortalForm]
    applies: Callable[[StepContext], bool] = lambda context: True


class WizardPage:
    """One page of one draft."""

    def __init__(
        self, *, key: str, steps: Iterable[Step], draft: OnboardingDraft, membership: Membership, today: date
    ) -> None:
        self.key, self.steps, self.draft, self.membership, self.today = key, tuple(steps), draft, membership, today

    @property
    def kept(self) -> Typed | None:
        """What is kept of this page, None before anything was typed."""
        page: Typed | None = self.draft.data.get(self.key)
        return page

    def typed(self, posted: Mapping[str, str]) -> dict[str, str]:
        """The part of a request that belongs to this page's steps."""
        prefixes = tuple(f"{step.key}-" for step in self.steps)
        # PostgreSQL stores no NUL characters, and nobody types them.
        return {name: value.replace("\x00", "")[:4000] for name, value in posted.items() if name.startswith(prefixes)}

    def forms(self, typed: Typed | None, *, validate: bool) -> dict[str, PortalForm]:
        """Step key -> form, filled with what was typed; bound where `validate` and the step applies."""
        context = StepContext(self.membership, self.today, typed or {})
        return {
            step.key: step.build(
                typed if validate and typed is not None and step.applies(context) else None,
                context,
                self._initial(step, typed),
            )
            for step in self.steps
        }

    def valid_forms(self) -> dict[str, PortalForm] | None:
        """The bound forms of what is kept if every one that applies is valid, else None."""
        forms = self.forms(self.kept, validate=True) if self.kept is not None else {}
        bound = {key: form for key, form in forms.items() if form.is_bound}
        return bound if bound and is_valid(bound) else None

    @staticmethod
    def _initial(step: Step, typed: Typed | None) -> dict[str, str]:
        prefix = f"{step.key}-"
        return {name.removeprefix(prefix): value for name, value in (typed or {}).items() if name.startswith(prefix)}


def is_valid(forms: Mapping[str, PortalForm]) -> bool:
    """Whether all are; asks every one, so that all errors show at once."""
    verdicts = [form.is_valid() for form in forms.values() if form.is_bound]
    return all(verdicts)


def put_refusal(forms: Mapping[str, PortalForm], field: str | None, message: Any) -> None:
    """Show a service's refusal at the form that has the field, else at the first one."""
    bound = [form for form in forms.values() if form.is_bound]
    owner = next((form for form in bound if field in form.fields), None)
    (owner or bound[0]).add_error(field if owner else None, str(message))
