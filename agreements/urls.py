from django.urls import path

from agreements.views import answers, confirmation_requests, disputes, invitations, policy, receipts, record, texts

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
    path("settings/acceptance/", policy.policy, name="policy"),
    path(f"{of_customer}confirm/", record.confirm, name="confirm"),
    path(f"{of_customer}attest/", record.attest, name="attest"),
    path(f"{of_customer}invite/", invitations.invite, name="invite"),
    path(f"{of_customer}ask/", confirmation_requests.ask, name="ask_provider"),
    path(f"{of_customer}<uuid:reference>/", record.record, name="record"),
    path(f"{of_customer}<uuid:reference>/withdraw/", record.withdraw, name="withdraw"),
    path(f"{of_customer}<uuid:reference>/dispute/", disputes.resolve, name="resolve_dispute"),
    # The customer's own pages. A link's token is in the address once: it leads on to an address without it.
    path("accept/", answers.partners, name="answers"),
    path("accept/partners/<uuid:partner_id>/", answers.answer, name="answer"),
    path("accept/partners/<uuid:partner_id>/agreement/", answers.accept, name="accept"),
    path("accept/partners/<uuid:partner_id>/decline/", answers.decline, name="decline"),
    path("accept/partners/<uuid:partner_id>/reviewing/", answers.reviewing, name="reviewing"),
    path("accept/partners/<uuid:partner_id>/receipt/", answers.receipt, name="answer_receipt"),
    path("accept/documents/<uuid:document_id>/", answers.document, name="answer_document"),
    path("accept/leave/", answers.leave, name="leave"),
    path("accept/<str:token>/", answers.open_link, name="open_link"),
    path("receipt/", receipts.receipt, name="receipt"),
    path("receipt/<str:token>/", receipts.open_receipt, name="open_receipt"),
]
