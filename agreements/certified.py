"""The second half of a certificate: entries of the chain, the texts behind their digests, and how to check them."""

from collections.abc import Iterator

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from agreements.models import Attestation, EventKind
from agreements.printed import WIDE, Entry, Fact, Part, Step, Text, code, moment
from agreements.proofs import RECORD, About, EntryProof, Proof, RecordProof
from portal.audit.models import Checkpoint, StampState, TimeStamp

JOIN = "tr -d '\\r\\n' < lines.txt > text.txt"
WITHOUT_SALT = "sha256sum text.txt"
WITH_SALT = "(printf '%s\\n' SALT; cat text.txt) | sha256sum"
VERIFY = "python3 verify_evidence.py evidence.zip --keys keys.json"
IN_PYTHON = (
    "python3 -c \"import hashlib, sys; text = ''.join(open('lines.txt').read().splitlines());",
    "salt = ''.join(f'{each}\\n' for each in sys.argv[1:]);",
    'print(hashlib.sha256((salt + text).encode()).hexdigest())" SALT',
)


def entries_of(proof: RecordProof) -> Iterator[Entry]:
    """Every entry of the record, with all that makes its digest."""
    for each in proof.entries:
        entry = each.entry
        yield Entry(
            title=_("Entry %(seq)s: %(what)s") % {"seq": entry.seq, "what": _what(each)},
            facts=(
                code(_("Digest of the entry"), entry.digest),
                code(_("Digest of the entry before"), entry.prev),
            ),
            texts=tuple(_text(digested) for digested in each.proofs),
        )


def _what(proof: EntryProof) -> str:
    kind = proof.entry.kind
    if kind == RECORD:
        return _("the record")
    if kind.startswith(f"{RECORD}."):
        return str(EventKind(kind.removeprefix(f"{RECORD}.")).label)
    return _("a file")


def _text(proof: Proof) -> Text:
    titles = {
        About.PERSON: _("Who accepted, with the notes"),
        About.RECORDED_BY: _("Who recorded it"),
        About.APPROVED_BY: _("Who approved it"),
        About.REASON: _("What was said, and by whom"),
        About.FACTS: _("The facts that the entry covers"),
        About.ENTRY: _("The entry itself"),
    }
    salt = (code(_("Salt"), proof.salt),) if proof.salt else ()
    text, digest = code(_("Text"), proof.text, WIDE), code(_("SHA-256"), proof.digest)
    return Text(titles[proof.about], (*salt, text, digest))


def position(proof: RecordProof) -> Part:
    """Where the record stands in its chain, and what was signed since."""
    facts = [code(_("Chain"), proof.chain)]
    if proof.own is not None:
        facts += [
            Fact(_("Position in the chain"), str(proof.own.entry.seq)),
            code(_("Digest of the entry"), proof.own.entry.digest),
        ]
    return Part(_("Where it stands in the chain"), tuple(facts))


def checkpoint_part(checkpoint: Checkpoint | None, zone: str) -> Part:
    """The newest signed statement that covers the record."""
    title = _("Signed checkpoint")
    if checkpoint is None:
        return Part(title, (Fact(_("Checkpoint"), _("None covers this record yet. One is signed every day.")),))
    return Part(
        title,
        (
            Fact(_("Signed at"), moment(checkpoint.at, zone)),
            Fact(_("Entries"), str(checkpoint.seq)),
            code(_("Digest of the last entry"), checkpoint.digest),
            code(_("Key"), checkpoint.key.key_id),
            code(_("Statement that was signed"), checkpoint.statement),
            code(_("Signature (Ed25519)"), checkpoint.signature),
            *_stamped(getattr(checkpoint, "stamp", None), zone),
        ),
    )


def _stamped(stamp: TimeStamp | None, zone: str) -> Iterator[Fact]:
    """Only the authority's own time is ever told as one."""
    if stamp is None:
        return
    is_stamped = stamp.state == StampState.STAMPED and stamp.stamped_at is not None
    said = f"{moment(stamp.stamped_at, zone)}, {stamp.authority}" if is_stamped else ""
    waiting = _("Not time-stamped yet") if stamp.state == StampState.PENDING else _("Could not be time-stamped")
    yield Fact(_("Time stamp (RFC 3161)"), said or waiting)


def how_to_verify(record: Attestation) -> tuple[Step, ...]:
    holder = record.partner.name if record.partner else _("the staff of this portal")
    return (
        Step(_("Copy the lines of a text above into a file named lines.txt, and join them."), (JOIN,)),
        Step(_("Compute the digest. Where there is no salt:"), (WITHOUT_SALT,)),
        Step(_("Where there is a salt, it stands before the text on a line of its own:"), (WITH_SALT,)),
        Step(_("The same with Python; leave SALT out where there is none:"), IN_PYTHON),
        Step(
            _(
                "Compare. The digests with a salt stand in the facts that the entry covers, the digest of these facts"
                " stands in the entry itself as “d”, and the digest of the entry before as “p”."
            )
        ),
        Step(
            _("Ask %(holder)s for an export of the chain, and check it with the program from this address:")
            % {"holder": holder},
            (f"{settings.PORTAL_URL}{reverse('agreements:verifier')}", VERIFY),
        ),
        Step(
            _("The public keys of signed checkpoints are published at this address:"),
            (f"{settings.PORTAL_URL}{reverse('agreements:keys')}",),
        ),
    )
