"""The words that people put into Jira, in English and French, and what they mean."""

import re
import unicodedata
from collections.abc import Mapping

from bulletin.model.facts import Severity

SEVERITY_FIELDS = ("severity", "gravite", "severite", "impact")
"""Names of fields that tell the severity, the best one first."""

SERVICE_FIELDS = frozenset(
    {"services", "service", "affected services", "services affectes", "services impactes"}
)

SEVERITIES: Mapping[str, Severity] = {
    word: severity
    for severity, words in {
        Severity.CRITICAL: "sev0 sev1 highest critical critique blocker bloquant bloquante urgent"
        " urgente fatal extensive maximale",
        Severity.HIGH: "sev2 high major majeur majeure haute haut eleve elevee severe important"
        " importante significant grave",
        Severity.MEDIUM: "sev3 medium moderate modere moderee moyen moyenne normal normale",
        Severity.LOW: "sev4 sev5 low lowest minor mineur mineure faible basse bas trivial triviale"
        " negligible",
    }.items()
    for word in words.split()
}

NUMBERED = re.compile(r"(?:sev|severity|severite|gravite|priority|priorite|niveau|s|p)\W*([0-5])\b")
RANK = re.compile(r"^\d+\W+")

DECLINED = frozenset(
    {
        *("won't do", "wont do", "will not do", "won't fix", "wont fix", "wontfix", "declined"),
        *("duplicate", "duplicated", "cannot reproduce", "can't reproduce", "not reproducible"),
        *("rejected", "invalid", "not a bug", "not an issue", "cancelled", "canceled"),
        *("abandoned", "obsolete", "incomplete", "false alarm", "false positive"),
        *("ne sera pas fait", "ne sera pas corrige", "ne sera pas traite", "sans suite"),
        *("classe sans suite", "doublon", "duplique", "non reproductible", "decline", "refuse"),
        *("impossible a reproduire", "rejete", "annule", "abandonne", "invalide"),
        *("fausse alerte", "faux positif"),
    }
)
"""Resolutions that close a ticket without doing it."""


def parse_word(text: str) -> str:
    """Return the text in lower case, without accents, typographic quotes or outer space."""
    plain = unicodedata.normalize("NFKD", text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).casefold().split())


def parse_severity(text: str, own: Mapping[str, Severity]) -> Severity | None:
    """Return what a severity word means: `own` words first, or None where nothing tells.

    Reads `Critique`, `SEV-2`, `P1 - Urgent` and `1 - Critical`. Only the first word counts: "not
    critical" is nobody's critical. A bare number means nothing, as it rises with gravity in one
    company and falls in the next.
    """
    word = parse_word(text)
    if word in own:
        return own[word]
    numbered = NUMBERED.match(word)
    if numbered:
        return SEVERITIES[f"sev{numbered[1]}"]
    first = re.match(r"[^\W\d_]+", RANK.sub("", word))
    return SEVERITIES.get(first[0]) if first else None


def is_declined(text: str) -> bool:
    """Whether a resolution, or a closed status, says that nothing was done."""
    return parse_word(text) in DECLINED
