"""The sections of New customer that this room asks."""

from django.urls import reverse

from customers.forms import ContactForm, NewCompanyForm, ResellerForm, redraw_on_change
from customers.wizard import Step, StepContext, Typed

COMPANY, CONTACT, RESELLER = "company", "contact", "reseller"
# While these are typed, the partner's own customers are looked through.
COMPARED = ("company_name", "domain_prefix", "registration_number")


def build_company(typed: Typed | None, context: StepContext, initial: dict[str, str]) -> NewCompanyForm:
    country = country_of(context)
    form = NewCompanyForm(typed, prefix=COMPANY, initial={"country": country, **initial}, country=country)
    redraw_on_change(form)
    compare_while_typing(form)
    return form


def compare_while_typing(form: NewCompanyForm) -> None:
    """With JavaScript the customers that are like this one appear beside the fields; sent in a body, never in a
    URL, and only what is compared.
    """
    sent = [form.add_prefix(name) for name in ("country", *COMPARED)]
    for name in COMPARED:
        if name in form.fields:
            form.fields[name].widget.attrs |= {
                "hx-post": reverse("customers:duplicates"),
                "hx-trigger": "input changed delay:400ms",
                "hx-params": ",".join(("csrfmiddlewaretoken", "partner", *sent)),
                "hx-target": "#duplicates",
                "hx-swap": "innerHTML",
                "hx-sync": "#duplicates:replace",
            }


def build_contact(typed: Typed | None, context: StepContext, initial: dict[str, str]) -> ContactForm:
    return ContactForm(
        typed,
        prefix=CONTACT,
        initial=initial,
        country=country_of(context),
        partner_domain=context.membership.partner.domain,
        qualification=context.answer(COMPANY, "qualification"),
    )


def build_reseller(typed: Typed | None, context: StepContext, initial: dict[str, str]) -> ResellerForm:
    return ResellerForm(typed, prefix=RESELLER, initial=initial, provider=context.membership.partner)


def country_of(context: StepContext) -> str:
    """The country typed, else the partner's own as the likeliest."""
    return context.answer(COMPANY, "country") or str(context.membership.partner.country)


COMPANY_STEP = Step(COMPANY, build_company)
CONTACT_STEP = Step(CONTACT, build_contact)
# Only an indirect provider is asked.
RESELLER_STEP = Step(RESELLER, build_reseller)
