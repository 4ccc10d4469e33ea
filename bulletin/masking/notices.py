"""What the person who runs bulletin must know of what was masked: where it stands, never what."""

from collections.abc import Iterator, Sequence

from bulletin.model.harvest import Masked


def notices(masked: Sequence[Masked]) -> Iterator[tuple[str, str]]:
    """Yield what happened and what to do: once for each secret, once for a source's other data."""
    for note in masked:
        if not note.personal:
            where = f"{note.key}: its {note.part}" if note.key else f"{note.source}: a refusal"
            several = f" x{note.count}" if note.count > 1 else ""
            yield (
                f"{where} holds a secret ({note.what}{several})",
                f"Revoke it, then take it out there: all who can read {note.source} can read it.",
            )
    personal = [note for note in masked if note.personal]
    for source in dict.fromkeys(note.source for note in personal):
        own = [note for note in personal if note.source == source]
        kinds = ", ".join(sorted({note.what for note in own}))
        yield (
            f"{source}: personal data was masked {sum(note.count for note in own)} times ({kinds})",
            f"It still stands in {source}; take it out there.",
        )
