"""The e-mail channel: what goes to whom, and the last look before it leaves."""

from collections.abc import Sequence
from typing import Self

from bulletin.config import Bulletin
from bulletin.errors import BulletinError
from bulletin.model.delivery import Delivery, Fate, Mode, Parcel, Receipt, letter_name
from bulletin.publishing import Commit, Issue
from bulletin.publishing.answers import moved
from bulletin.publishing.email import letter
from bulletin.publishing.email.addresses import allowed
from bulletin.publishing.email.carrier import Carrier, NotTakenError
from bulletin.publishing.email.relay import Relay
from bulletin.publishing.email.sendmail import Sendmail
from bulletin.publishing.email.settings import EmailSettings

DRAFT = "email.eml"


class EmailPublisher:
    """Sends each recipient a message of its own.

    One message for all would be one transaction, in which a server may take some recipients and
    refuse others, and after which nobody could say of any of them whether it has it.
    """

    Settings = EmailSettings

    def __init__(self, settings: EmailSettings, channel: str, carrier: Carrier) -> None:
        self.channel = channel
        self.formats = tuple(f"team-email:{team}" for team in settings.teams)
        self._settings = settings
        self._carrier = carrier

    @classmethod
    def from_settings(cls, settings: EmailSettings, name: str, _bulletin: Bulletin) -> Self:
        """Build the channel of this configured name, for one run."""
        program = settings.sendmail
        return cls(settings, name, Relay(settings) if program is None else Sendmail(program))

    def pack(self, issue: Issue) -> Sequence[Parcel]:
        """Write each message once for all who get the same, with a head for each recipient."""
        mode, settings = issue.filed.edition.mode, self._settings
        parcels: dict[str, Parcel] = {}
        recipients = settings.recipients(mode)
        for team in dict.fromkeys(settings.team_of(one, mode) for one in recipients):
            theirs = [one for one in recipients if settings.team_of(one, mode) == team]
            parcels |= self._written(issue, team, theirs)
        return [parcels[recipient] for recipient in recipients]

    def _written(
        self, issue: Issue, team: str | None, recipients: Sequence[str]
    ) -> dict[str, Parcel]:
        """Return the parcels of those who get the letter of a team, or the whole journal.

        A letter that could not be made, which the press told, gives way to the journal.
        """
        filed, settings = issue.filed, self._settings
        own = None if team is None else issue.artifact(letter_name(team))
        draft = own or issue.artifact(DRAFT)
        if draft is None:
            told = f"the e-mail of {filed.edition.week} could not be made: {DRAFT} is missing"
            raise BulletinError(told, "The edition's own run said why; draft it again.")
        body = letter.shared(draft.body, filed, self.channel, settings)
        title = letter.subject(draft.body)
        parcels = {}
        for recipient in recipients:
            head, message_id = letter.head(recipient, filed, self.channel, settings.domain)
            letter.proofread(head + body, recipient, filed.edition.mode, filed.digest)
            parcels[recipient] = Parcel(
                target=recipient, reference=message_id, title=title, head=head, body=body
            )
        letter.same_content(draft.body, parcels[recipients[0]].head + body)
        return parcels

    def deliver(self, delivery: Delivery, _issue: Issue, commit: Commit) -> Receipt:
        """Hand one message over, as it was packed, if it may go there at all."""
        parcel = delivery.parcel
        message = parcel.head + parcel.body
        letter.proofread(message, parcel.target, delivery.mode, delivery.edition)
        self._refuse_strangers(delivery)
        try:
            answer = self._carrier.send(self._settings.sender, parcel.target, message, commit)
            fate, detail = Fate.DELIVERED, answer
        except NotTakenError as error:
            fate, detail = error.fate, f"{error.problem}. {error.hint}"
        return Receipt(
            channel=self.channel,
            target=parcel.target,
            fate=fate,
            reference=parcel.reference,
            detail=detail,
        )

    def check(self) -> str:
        """Reach the mail server and log in; send nothing."""
        found = self._carrier.check()
        counts = [f"{len(self._settings.recipients(mode))} in {mode}" for mode in Mode]
        return f"{found}; recipients: {', '.join(counts)}"

    def _refuse_strangers(self, delivery: Delivery) -> None:
        """Refuse whoever this mode does not reach. A parcel may be older than the settings."""
        target = delivery.parcel.target
        if target not in self._settings.recipients(delivery.mode):
            raise moved(delivery, "recipient")
        lets = self._settings.allowed
        if not allowed(target, lets):
            raise BulletinError(
                f"no mail may go to {target}: allow lets it go to {', '.join(lets)}",
                "Correct the address, or add its domain to allow.",
            )
