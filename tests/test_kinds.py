"""Kinds of documents: a new one is forgotten nowhere."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

import pytest
from sample_material import MATERIAL

from scorecard.delivery.recipients import recipients
from scorecard.documents.compose import COMPOSERS
from scorecard.documents.kinds import KINDS, OWNER, PACKET, TEAM, path_of
from scorecard.printing.kinds import PRINTED
from scorecard.schedules.model import DOCUMENTS, Audience, BusinessDay, Schedule, When


def test_every_kind_is_composed_printed_and_can_be_scheduled():
    assert list(KINDS) == list(COMPOSERS) == list(PRINTED) == list(DOCUMENTS)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_readers(kind):
    owners = [w.stance.owner for w in MATERIAL.stances]
    schedule = Schedule(
        "s",
        "Title",
        (kind,),
        When(BusinessDay(1), time(7), "Europe/London"),
        to=(Audience("owners"), Audience("executives")),
    )
    found = recipients(schedule, MATERIAL.strategy, owners, date(2026, 11, 2))
    assert {r.document for r in found} == {kind}


def test_where_a_document_lies():
    assert path_of(PACKET, "executives") == Path("executive-packet.pdf")
    assert path_of(TEAM, "care") == Path("teams/care.pdf")
    assert path_of(OWNER, "ada") == Path("owners/ada.pdf")
