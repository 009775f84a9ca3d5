from django.urls import path

from agreements.views import (
    answers,
    approvals,
    certificates,
    checkpoints,
    confirmation_requests,
    disputes,
    erasing,
    evidence_export,
    evidence_files,
    evidence_policy,
    hosted,
    invitations,
    policy,
    receipts,
    record,
    stale,
    texts,
    time_machine,
)

app_name = "agreements"

of_customer = "customers/<uuid:customer_id>/agreement/"

urlpatterns = [
    path("agreements/", texts.template_list, name="templates"),
    path("agreements/documents/<uuid:document_id>/", texts.document, name="document"),
    path("agreements/invitations/", invitations.invitation_list, name="invitations"),
    path("agreements/invitations/<uuid:public_id>/", invitations.invitation, name="invitation"),
    path("agreements/invitations/<uuid:public_id>/send/", invitations.send, name="send_invitation"),
    path("agreements/invitations/<uuid:public_id>/renew/", invitations.renew, name="renew_invitation"),
    path("agreements/invitations/<uuid:public_id>/revoke/", invitations.revoke, name="revoke_invitation"),
    path("agreements/requests/", confirmation_requests.request_list, name="confirmation_requests"),
    path(
        "agreements/requests/<uuid:public_id>/",
        confirmation_requests.confirmation_request,
        name="confirmation_request",
    ),
    path("agreements/requests/<uuid:public_id>/refuse/", confirmation_requests.refuse, name="refuse_request"),
    path(
        "agreements/requests/<uuid:public_id>/take-back/", confirmation_requests.take_back, name="take_request_back"
    ),
    path("agreements/approvals/", approvals.approvals, name="approvals"),
    path("agreements/approvals/<uuid:public_id>/", approvals.approval, name="approval"),
    path(
        "agreements/approvals/<uuid:public_id>/files/<uuid:file_id>/", approvals.approval_file, name="approval_file"
    ),
    path("agreements/approvals/<uuid:public_id>/approve/", approvals.approve, name="approve"),
    path("agreements/approvals/<uuid:public_id>/refuse/", approvals.refuse, name="refuse_approval"),
    path("agreements/approvals/<uuid:public_id>/take-back/", approvals.take_back, name="take_approval_back"),
    path("agreements/stale/", stale.stale, name="stale"),
    path("agreements/stale/export/", stale.export_stale, name="export_stale"),
    path("agreements/evidence/", checkpoints.evidence, name="evidence"),
    path("agreements/evidence/checkpoints/", checkpoints.take_checkpoint, name="take_checkpoint"),
    path("agreements/evidence/checkpoints/<uuid:public_id>/", checkpoints.checkpoint, name="checkpoint"),
    path("agreements/evidence/checkpoints/<uuid:public_id>/stamp/", checkpoints.stamp_again, name="stamp_again"),
    path("agreements/evidence/export/", evidence_export.export_evidence, name="export_evidence"),
    path("evidence/keys.json", checkpoints.keys, name="keys"),
    path("evidence/verify_evidence.py", evidence_export.verifier, name="verifier"),
    path("settings/acceptance/", policy.policy, name="policy"),
    path("settings/evidence/", evidence_policy.evidence_policy, name="evidence_policy"),
    path(f"{of_customer}confirm/", record.confirm, name="confirm"),
    path(f"{of_customer}attest/", record.attest, name="attest"),
    path(f"{of_customer}invite/", invitations.invite, name="invite"),
    path(f"{of_customer}ask/", confirmation_requests.ask, name="ask_provider"),
    path(f"{of_customer}on/", time_machine.standing_on, name="standing_on"),
    path(f"{of_customer}<uuid:reference>/", record.record, name="record"),
    path(f"{of_customer}<uuid:reference>/certificate/", certificates.certificate, name="certificate"),
    path(f"{of_customer}<uuid:reference>/evidence/", evidence_files.add_evidence, name="add_evidence"),
    path(
        f"{of_customer}<uuid:reference>/evidence/<uuid:public_id>/",
        evidence_files.evidence_file,
        name="evidence_file",
    ),
    path(f"{of_customer}<uuid:reference>/withdraw/", record.withdraw, name="withdraw"),
    path(f"{of_customer}<uuid:reference>/erase/", erasing.erase, name="erase"),
    path(f"{of_customer}<uuid:reference>/dispute/", disputes.resolve, name="resolve_dispute"),
    # The customer's own pages. A link's token is in the address once: it leads on to an address without it.
    path("accept/", answers.partners, name="answers"),
    path("accept/partners/<uuid:partner_id>/", answers.answer, name="answer"),
    path("accept/partners/<uuid:partner_id>/agreement/", answers.accept, name="accept"),
    path("accept/partners/<uuid:partner_id>/decline/", answers.decline, name="decline"),
    path("accept/partners/<uuid:partner_id>/reviewing/", answers.reviewing, name="reviewing"),
    path("accept/partners/<uuid:partner_id>/receipt/", answers.receipt, name="answer_receipt"),
    path(
        "accept/partners/<uuid:partner_id>/certificate/", certificates.answer_certificate, name="answer_certificate"
    ),
    path("accept/documents/<uuid:document_id>/", answers.document, name="answer_document"),
    path("accept/leave/", answers.leave, name="leave"),
    path("accept/<str:token>/", answers.open_link, name="open_link"),
    path("receipt/", receipts.receipt, name="receipt"),
    path("receipt/certificate/", certificates.receipt_certificate, name="receipt_certificate"),
    path("receipt/<str:token>/", receipts.open_receipt, name="open_receipt"),
    # Where a signatory accepts whom a program named, and where a program fetches a text that it asked for.
    path("hosted/", hosted.hosted, name="hosted"),
    path("hosted/agreement/", hosted.hosted_agreement, name="hosted_agreement"),
    path("hosted/decline/", hosted.hosted_decline, name="hosted_decline"),
    path("hosted/documents/<uuid:document_id>/", hosted.hosted_document, name="hosted_document"),
    path("hosted/files/<str:token>/", hosted.linked_file, name="linked_file"),
    path("hosted/<str:token>/", hosted.open_hosted, name="open_hosted"),
]
