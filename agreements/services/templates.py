"""The agreement's texts: added by staff, unchangeable once somebody accepted them."""

import hashlib
from datetime import date
from uuid import UUID

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from agreements.languages import DEFAULT_LANGUAGE
from agreements.legacy import CLOUD_AGREEMENT
from agreements.models import AgreementDocument, AgreementTemplate, AgreementType
from portal.audit.services import record_event
from portal.common.actor import Actor
from portal.common.errors import RuleViolation


@transaction.atomic
def create_template(
    *,
    by: Actor,
    type: AgreementType,
    template_id: UUID,
    version: str,
    effective_on: date,
    renew_before: date | None = None,
    renewal_enforced_on: date | None = None,
) -> AgreementTemplate:
    """Add a version of an agreement. Raises ValidationError for clashing versions or half a pair of dates."""
    template = AgreementTemplate(
        type=type,
        template_id=template_id,
        version=version,
        effective_on=effective_on,
        renew_before=renew_before,
        renewal_enforced_on=renewal_enforced_on,
    )
    template.full_clean()
    template.save()
    record_event(
        by=by,
        code="agreements.template_created",
        partner_id=None,
        facts={"type": type, "version": version, "effective_on": effective_on.isoformat()},
    )
    return template


@transaction.atomic
def add_document(
    *, by: Actor, template: AgreementTemplate, country: str, language: str, content: bytes, filename: str
) -> AgreementDocument:
    """Add the text for one country and language. country: ISO 3166, two upper-case letters. The digest is
    taken from the content. Raises RuleViolation when it is there already or empty.
    """
    if not content:
        raise RuleViolation(_("The file is empty. Choose another one."), field="file")
    if AgreementDocument.objects.filter(template=template, country=country, language=language).exists():
        raise RuleViolation(_("This version has a document for this country and language already"), field="language")
    document = AgreementDocument(
        template=template, country=country, language=language, sha256=hashlib.sha256(content).hexdigest()
    )
    document.file.save(filename, ContentFile(content), save=False)
    document.full_clean()
    document.save()
    record_event(
        by=by,
        code="agreements.document_added",
        partner_id=None,
        subject=str(document.public_id),
        facts={"country": country, "language": language, "sha256": document.sha256},
    )
    return document


@transaction.atomic
def ensure_legacy_template(*, by: Actor) -> None:
    """Have a version of the Microsoft Cloud Agreement to record under, once a client does so.

    No file of it exists that the portal could carry: the document says that, so that a record names it truly. A
    version that staff added is left alone.
    """
    if AgreementTemplate.objects.filter(type=AgreementType.CLOUD).exists():
        return
    legacy = CLOUD_AGREEMENT
    template, is_new = AgreementTemplate.objects.get_or_create(
        template_id=legacy.template_id,
        version=legacy.version,
        defaults={"type": AgreementType.CLOUD, "effective_on": legacy.effective_on},
    )
    if not is_new:
        return
    record_event(
        by=by,
        code="agreements.template_created",
        partner_id=None,
        facts={
            "type": AgreementType.CLOUD,
            "version": legacy.version,
            "effective_on": legacy.effective_on.isoformat(),
        },
    )
    # The one that counts for every country without its own (facts, 1.5).
    add_document(
        by=by,
        template=template,
        country="US",
        language=DEFAULT_LANGUAGE,
        content=legacy.text.encode(),
        filename="cloud-agreement-legacy.txt",
    )


@transaction.atomic
def delete_template(*, by: Actor, template: AgreementTemplate) -> None:
    """Remove a version that has no documents. Raises RuleViolation once it has."""
    _remove(template, _("This version has documents. Delete them first."))
    record_event(by=by, code="agreements.template_deleted", partner_id=None, subject=str(template)[:100])


@transaction.atomic
def delete_document(*, by: Actor, document: AgreementDocument) -> None:
    """Remove a text that nobody has accepted. Raises RuleViolation once somebody has."""
    _remove(document, _("Somebody has accepted this document. It stays."))
    record_event(by=by, code="agreements.document_deleted", partner_id=None, subject=str(document)[:100])


def _remove(row: AgreementTemplate | AgreementDocument, why_not: str) -> None:
    """What refers to a row keeps it in place, also what was added a moment ago."""
    try:
        row.delete()
    except ProtectedError:
        raise RuleViolation(why_not) from None
