"""The season: the event that everything leads to, and the code freeze before it."""

from dataclasses import dataclass
from datetime import date

from bulletin.model.front import Countdown


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    """What the settings say of the season. Days are those of the team's own zone."""

    event: str
    day: date
    starts: date | None = None
    freeze_from: date | None = None
    freeze_to: date | None = None
    """The last day of the freeze; the event's own where it is not set."""

    def countdown(self, today: date) -> Countdown | None:
        """Count from the edition's date; None once the event and the freeze are both over."""
        thaws = self.freeze_to or self.day
        if today > self.day and (self.freeze_from is None or today > thaws):
            return None
        freeze = self.freeze_from if today <= thaws else None
        return Countdown(
            event=self.event,
            days=(self.day - today).days,
            freeze_days=(freeze - today).days if freeze else None,
            total=(self.day - self.starts).days if self.starts else None,
        )
