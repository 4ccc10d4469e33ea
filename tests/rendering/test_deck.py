"""The deck: one slide a page, whatever the week, and everything on it large enough to read."""

import io
import re
from dataclasses import replace
from datetime import date
from functools import cache

import pypdf
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from bulletin.archive.codec import file
from bulletin.editing.headings import headings
from bulletin.editing.picture import list_weeks
from bulletin.editing.questions import questions
from bulletin.model.edition import Edition, Filed, ItemState, Ledger
from bulletin.model.facts import ErrorTrend
from bulletin.model.front import (
    Correction,
    Countdown,
    Headline,
    ListWeek,
    Picture,
    Service,
    Sky,
)
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.deck import ROWS, DeckRenderer
from bulletin.rendering.environment import fill, print_asset, words_for
from bulletin.rendering.escape import Html
from tests.menagerie import EDITIONS, HOSTILE, WEEK
from tests.strategies import editions

BUNDLE = Bundle.read()
LANGUAGES = ("en", "fr")


def furnished(filed: Filed) -> Filed:
    """The edition with the front page's furniture, judged by the desk itself where it can be."""
    edition = filed.edition
    asked, left_out = questions(edition.items, edition.coverage, edition.figures)
    error = next((fact for fact in edition.facts if isinstance(fact, ErrorTrend)), None)
    names = HOSTILE if len(edition.items) > 50 else ("search", "payments", "checkout", "stock")
    skies = tuple(Sky) if edition.items and edition.ledger.open_now else (Sky.SUN,)
    back = [
        Correction(key=item.key, week=WEEK.shift(-4), state="fixed")
        for item in edition.items
        if item.state is ItemState.REOPENED
    ]
    return file(
        replace(
            edition,
            headings=headings(
                items=edition.items,
                sections=edition.sections,
                figures=edition.figures,
                ledger=edition.ledger,
                states={section.kind: section.state for section in edition.sections},
                first=edition.previous is None,
            ),
            questions=asked,
            questions_left_out=left_out,
            picture=Picture(
                key=error.key if error else None,
                title=error.title if error else "",
                days=(None,) * 3 + tuple(range(400, 2800, 100)) + (9000,),
                until=date(2026, 11, 19),
                so_far=True,
                marked=27,
            )
            if edition.previous
            else None,
            list_weeks=(
                *(
                    ListWeek(week=WEEK.shift(-back), ages=(back, 3, 0, back) if back != 3 else None)
                    for back in range(11, 0, -1)
                ),
                *list_weeks(edition.week, edition.items, ()),
            ),
            services=tuple(
                Service(name=name, sky=skies[n % len(skies)], incidents=n % 2, errors=n % 3)
                for n, name in enumerate(names)
            )
            if edition.previous
            else (),
            countdown=Countdown(event="Black Friday", days=8, freeze_days=1, total=87),
            corrections=tuple(back),
        )
    )


def slides(filed: Filed, language: str) -> str:
    words = words_for(filed, BUNDLE, language, Html)
    return fill("deck/deck.html", filed, BUNDLE, words, rows=ROWS, asset=print_asset)
