"""Files that come with a form are stored before anything else is judged, so none has to be chosen twice."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import QueryDict
from django.utils.translation import gettext as _

from agreements.evidence_forms import CHOSEN, REMOVED, ids_in, sent_files
from agreements.services import MOST_FILES, stage_upload
from portal.common.actor import Door
from portal.common.errors import RuleViolation, UpstreamError
from portal.common.forms import VALIDATE_HEADER, PortalForm
from portal.common.kept_forms import AUTOSAVE_HEADER, LOST_FILES
from portal.common.uploads import MAX_UPLOAD, was_too_large
from portal.partners.access import actor_of
from portal.partners.http import MemberRequest


@dataclass(frozen=True)
class Sent:
    """A form as it was sent, once the files that came with it are stored. data: names them in the form's own field;
    refusals: why some of them were left out.
    """

    data: QueryDict
    refusals: Sequence[str]

    def tell(self, request: MemberRequest, form: PortalForm | None, field: str) -> None:
        """Put the refusals at the form's field; above the page where the form is not asked to be right yet."""
        for reason in self.refusals:
            if form is not None and form.is_bound and field in form.fields:
                # Judged first: what is added before that is forgotten.
                form.is_valid()
                if form.has_error(field, "required"):
                    # Whoever chose a file that was refused is not told to choose one as well.
                    del form.errors[field]
                form.add_error(field, reason)
            else:
                messages.warning(request, reason)


def receive_files(request: MemberRequest, field: str) -> Sent:
    """Store what was chosen beside this field and take away what is not wanted, before anything else is judged.

    So whatever is wrong with the rest of the form, no file has to be chosen twice.
    """
    data = request.POST.copy()
    is_question = VALIDATE_HEADER in request.headers or AUTOSAVE_HEADER in request.headers
    if request.method != "POST" or is_question:
        return Sent(data, [])
    removed = set(data.getlist(f"{REMOVED}{field}"))
    ids = [part for part in map(str.strip, data.get(field, "").split(",")) if part and part not in removed]
    chosen, refusals = request.FILES.getlist(f"{CHOSEN}{field}"), []
    known = {upload.sha256 for upload in sent_files(request.membership, ids_in(",".join(ids)))} if chosen else set()
    by = actor_of(request, Door.ACCOUNT_INFO)
    for file in chosen:
        if len(ids) >= MOST_FILES:
            refusals.append(_("A record holds at most %(most)s files.") % {"most": MOST_FILES})
            break
        try:
            upload = stage_upload(by=by, partner=request.membership.partner, file=file)
        except (RuleViolation, UpstreamError) as refused:
            refusals.append(str(refused.message))
            continue
        if upload.sha256 not in known:
            ids.append(str(upload.public_id))
            known.add(upload.sha256)
    if was_too_large(request):
        most = {"most": MAX_UPLOAD // (1024 * 1024)}
        refusals.append(
            _("Files of more than %(most)d MB at once are left out. Send them one after the other.") % most
        )
    if data.pop(LOST_FILES, None) and not chosen:
        refusals.append(_("The files you had chosen could not be kept meanwhile. Choose them again."))
    if ids or field in data:
        data[field] = ",".join(ids)
    return Sent(data, refusals)
