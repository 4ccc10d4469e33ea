"""Drafting: from harvests to a filed edition, and what happens when a rule breaks."""

import logging
from dataclasses import replace

from bulletin.editing.rules.incident_severe import IncidentSevere
from bulletin.model.edition import ItemState
from bulletin.model.facts import Severity
from bulletin.model.harvest import Cause
from bulletin.pipeline.drafting import _judge
from tests.builders import WEEK, edited, filed, harvest, incident, policy

SEVERE = incident(severity=Severity.HIGH)


class Bursting(IncidentSevere):
    """A rule that raises on whatever it is shown."""

    def judge(self, fact, scene):
        raise ZeroDivisionError


def bursting():
    rules = [rule for rule in policy().rules if rule.id != "incident-severe"]
    return replace(policy(), rules=(*rules, Bursting()))


def test_a_rule_that_breaks_stops_no_other_and_fixes_nothing(caplog):
    caplog.set_level(logging.CRITICAL)
    before = edited([harvest("jira", [SEVERE])], week=WEEK.shift(-1))
    unowned = incident("INC-2", assigned=False)
    edition = edited(
        [harvest("jira", [SEVERE, unowned])], [filed(before)], policy=bursting(), judge=_judge
    )
    states = {item.key.subject: item.state for item in edition.items}
    assert states == {"INC-1": ItemState.UNKNOWN, "INC-2": ItemState.NEW}
    (gap,) = edition.gaps
    assert (gap.reason, gap.parts) == (Cause.BROKEN, ("incident-severe",))


def test_what_a_mended_rule_flags_after_it_was_broken_is_not_called_new(caplog):
    caplog.set_level(logging.CRITICAL)
    before = edited(
        [harvest("jira", [SEVERE])], week=WEEK.shift(-1), policy=bursting(), judge=_judge
    )
    edition = edited([harvest("jira", [SEVERE])], [filed(before)])
    assert [item.state for item in edition.items] == [ItemState.FIRST_SEEN]
