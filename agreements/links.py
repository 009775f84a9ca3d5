"""Where a customer goes to accept: Microsoft's fixed addresses, or a link of the portal's own."""

import time
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from agreements.models import AgreementDocument, EnhancedAttestation, Invitation, Place, Receipt
from customers.models import RelationshipRequest
from portal.common.ids import parse_uuid
from portal.common.links import link_token, token_digest
from portal.common.sealed import seal, unseal

# Facts 1.6: a customer accepts there, signed in as its global administrator.
MICROSOFT_ACCEPTANCE_URL = "https://admin.microsoft.com/AdminPortal/Home?ref=/BillingAccounts/agreement"
# Facts 2.9.
MICROSOFT_RELATIONSHIP_URL = "https://admin.microsoft.com/Adminportal/Home"
# Facts 7.6: where a company completes its profile before it answers a request there.
MICROSOFT_PROFILE_URL = f"{MICROSOFT_RELATIONSHIP_URL}?#/BillingAccounts/billing-accounts"
INVITATION, RECEIPT, HOSTED = "invitation", "receipt", "hosted"

# Facts 1.5: a link to a text of the agreement works for five minutes.
FILE_SECONDS, FILE = 300, "agreement file"


def invitation_token(invitation: Invitation) -> str:
    """Raises ValueError where the link cannot be made any more; then the invitation is renewed."""
    digest = invitation.token_digest
    return link_token(INVITATION, invitation.public_id, invitation.generation, digest=digest)


def new_digest(invitation: Invitation) -> str:
    """What is kept of the link of this generation; "" where the customer accepts at Microsoft."""
    if invitation.place == Place.MICROSOFT:
        return ""
    return token_digest(link_token(INVITATION, invitation.public_id, invitation.generation))


def link_of(invitation: Invitation) -> str:
    """The whole address that the message carries. Raises ValueError as `invitation_token` does."""
    if invitation.place == Place.PORTAL:
        return f"{settings.PORTAL_URL}{reverse('agreements:open_link', args=[invitation_token(invitation)])}"
    return MICROSOFT_ACCEPTANCE_URL if invitation.request is None else microsoft_relationship_link(invitation.request)


def microsoft_relationship_link(request: RelationshipRequest) -> str:
    """Facts 2.9. For an indirect reseller the link names it and its provider; the provider's parameter is not
    documented, `indirectCSPId` is what such links were seen with.
    """
    seller = request.reseller or request.partner
    query = {"invType": "ResellerRelationship", "partnerId": str(seller.tenant_id), "msppId": "0"}
    if request.reseller is not None:
        query["indirectCSPId"] = str(request.partner.tenant_id)
    query["DAP"] = "true" if request.includes_delegated_admin else "false"
    return f"{MICROSOFT_RELATIONSHIP_URL}?{urlencode(query)}#/BillingAccounts/partner-invitation"


def receipt_digest(receipt: Receipt) -> str:
    return token_digest(link_token(RECEIPT, receipt.public_id))


def receipt_path(receipt: Receipt) -> str:
    """Raises ValueError where the link cannot be made any more."""
    token = link_token(RECEIPT, receipt.public_id, digest=receipt.token_digest)
    return reverse("agreements:open_receipt", args=[token])


def hosted_digest(asked: EnhancedAttestation) -> str:
    return token_digest(link_token(HOSTED, asked.public_id))


def hosted_link(asked: EnhancedAttestation) -> str:
    """The whole address of the signatory's page. Raises ValueError where the link cannot be made any more."""
    token = link_token(HOSTED, asked.public_id, digest=asked.token_digest)
    return f"{settings.PORTAL_URL}{reverse('agreements:open_hosted', args=[token])}"


def file_link(document: AgreementDocument) -> str:
    """An address of a text that needs no sign-in, another one each time, for `FILE_SECONDS`."""
    token = seal(f"{document.public_id} {int(time.time()) + FILE_SECONDS}", purpose=FILE)
    return f"{settings.PORTAL_URL}{reverse('agreements:linked_file', args=[token])}"


def linked_document_id(token: str) -> UUID | None:
    """The public id of the text that the token of `file_link` leads to; None for any other, and once it is over."""
    public_id, _blank, until = (unseal(token, purpose=FILE) or "").partition(" ")
    return parse_uuid(public_id) if until and int(until) > time.time() else None
