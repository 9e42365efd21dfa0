"""Kinds of documents: a new one is forgotten nowhere."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date, time
from pathlib import Path

import pytest
from sample_material import MATERIAL, view

from scorecard.delivery.recipients import recipients
from scorecard.documents.compose import COMPOSERS
from scorecard.documents.kinds import KINDS, OWNER, PACKET, TEAM, path_of, read_document
from scorecard.documents.packet import executive_packet
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


def test_a_packet_that_was_frozen_before_pages_could_be_left_out_is_still_read():
    """Editions are kept for ever: what was added since is not in them."""
    content = asdict(executive_packet(view()))
    del content["left_out"], content["evidence"]["unmeasured"]
    for method in content["evidence"]["methods"]:
        del method["facts"], method["section"]
        method["detail"] = "Population: everybody. Version v1."
    for item in content["exceptions"]:
        if item["affected"]:
            del item["affected"]["more"]
    for bridge in content["margin"]["bridges"]:
        for step in bridge["steps"]:
            del step["share"]
    packet = read_document(PACKET, json.dumps(content))
    assert packet.left_out == ()
    assert {m.detail for m in packet.evidence.methods} == {"Population: everybody. Version v1."}
