"""Which text of the agreement a client asks for."""

from django.utils.translation import gettext as _

from agreements.languages import DEFAULT_LANGUAGE, is_offered
from agreements.models import AgreementDocument, AgreementTemplate, AgreementType
from portal.api.v1.callers import ApiRequest
from portal.api.v1.faults import INVALID, NOT_THERE, Fault
from portal.common.errors import NotPermitted

DEFAULT_COUNTRY = "US"


def ensure_public_cloud(request: ApiRequest) -> None:
    """Raise NotPermitted for partners in a cloud without the agreement (facts, rule R9)."""
    if not request.caller.partner.has_agreement:
        told = _("The Microsoft Customer Agreement does not apply in your cloud; nothing is needed here.")
        raise NotPermitted(told)


def find_document(request: ApiRequest, template_id: str, *, language: str, country: str) -> AgreementDocument:
    """The text in force of this template. Its id and the country count letter by letter, the language does not.

    Raises Fault: 404 for a template that is none of the Microsoft Customer Agreement, 400 for no country.
    """
    country = country or DEFAULT_COUNTRY
    if not is_offered(country):
        raise Fault(400, INVALID, "country must be an ISO 3166 code in upper case, such as US.", data=["country"])
    template = _in_force(request, template_id)
    if template is None:
        raise Fault(404, NOT_THERE, "There is no such template of the Microsoft Customer Agreement.")
    texts = {text.language.lower(): text for text in AgreementDocument.objects.for_customer(template, country)}
    found = texts.get(language.strip().lower()) or texts.get(DEFAULT_LANGUAGE.lower())
    if found is None:
        raise Fault(404, NOT_THERE, "The portal has no text of the agreement for this country.")
    return found


def _in_force(request: ApiRequest, template_id: str) -> AgreementTemplate | None:
    today = request.caller.partner.today
    template = AgreementTemplate.objects.in_force(on=today, type=AgreementType.MCA)
    return template if template is not None and str(template.template_id) == template_id else None
