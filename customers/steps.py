"""The sections of New customer that this room asks."""

from customers.forms import ContactForm, NewCompanyForm, redraw_on_change
from customers.wizard import Step, StepContext, Typed

COMPANY, CONTACT = "company", "contact"


def build_company(typed: Typed | None, context: StepContext, initial: dict[str, str]) -> NewCompanyForm:
    country = country_of(context)
    form = NewCompanyForm(typed, prefix=COMPANY, initial={"country": country, **initial}, country=country)
    redraw_on_change(form)
    return form


def build_contact(typed: Typed | None, context: StepContext, initial: dict[str, str]) -> ContactForm:
    return ContactForm(
        typed,
        prefix=CONTACT,
        initial=initial,
        country=country_of(context),
        partner_domain=context.membership.partner.domain,
    )


def country_of(context: StepContext) -> str:
    """The country typed, else the partner's own as the likeliest."""
    return context.answer(COMPANY, "country") or str(context.membership.partner.country)


COMPANY_STEP = Step(COMPANY, build_company)
CONTACT_STEP = Step(CONTACT, build_contact)
