"""What a pattern cannot tell: whether digits add up, and whether a word is what it looks like.

Each measure takes what a pattern matched and returns how many of its characters are to be masked,
from the first on: 0 where it is none of it.
"""

import re
from collections.abc import Callable

from stdnum import iban, luhn

CUT = ("…", "...")
"""How services and we show that a text goes on."""
SHORTEST_IBAN = 15
CARDS = re.compile(
    r"4\d{15}|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}|3[47]\d{13}"
    r"|(?:6011|65\d\d|64[4-9]\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|3(?:0[0-5]|[689]\d)\d{11}"
)
"""The first digits of the issuers of cards, each with the number of digits that it uses."""
NOBODY = re.compile(r"(?i)(?:git|hg|svn|.*no-?reply)@.*|.*@users\.noreply\..*")
"""Addresses that belong to no person."""
FILES = re.compile(
    r"(?i).*\.(?:png|jpe?g|gif|svg|webp|avif|ico|css|html?|jsx?|tsx?|mjs|map|json|ya?ml|xml|py|rb"
    r"|php|java|class|jar|go|rs|log|txt|zip|gz|service|socket|timer|mount|target|slice|alpha|beta)"
)
"""Endings of files, system units and versions, which no domain has."""


def whole(text: str) -> int:
    """Take all of it, save the full stop of the sentence."""
    return len(text if text.endswith(CUT) else text.rstrip("."))


def iban_length(text: str) -> int:
    """Return the length of the account number that the text begins with."""
    for end in range(len(text), SHORTEST_IBAN - 1, -1):
        if text[end - 1].isalnum() and iban.is_valid(text[:end]):
            return end
    return 0


def card_length(text: str) -> int:
    """Take a number of a known issuer whose check digit is right; others are orders and ids."""
    digits = re.sub(r"[ -]", "", text)
    return len(text) if CARDS.fullmatch(digits) and luhn.is_valid(digits) else 0


def email_length(text: str) -> int:
    """Take a person's address, also one that was cut; not a repository's, a robot's, an image's or
    a release's.
    """
    address = text.replace("%40", "@").rstrip("….")
    labels = address.rpartition("@")[2].split(".")
    is_whole = len(labels) > 1 and re.fullmatch(r"[^\W\d_]{2,24}", labels[-1]) is not None
    is_named = all(re.search(r"[^\W\d_]", label) for label in labels)
    if NOBODY.fullmatch(address) or FILES.fullmatch(address) or not is_named:
        return 0
    return whole(text) if is_whole or text.endswith(CUT) else 0


def password_length(text: str) -> int:
    """Take what has letters and digits; `password=required` has none."""
    is_mixed = re.search(r"[^\W\d_]", text) and re.search(r"\d", text)
    return whole(text) if is_mixed else 0


MEASURES: dict[str, Callable[[str], int]] = {
    "whole": whole,
    "iban": iban_length,
    "card": card_length,
    "email": email_length,
    "password": password_length,
}
