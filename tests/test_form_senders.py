"""Whom a mail is from that brings a form back: the one address that mail servers check."""

from __future__ import annotations

import pytest
import test_forms
from sample_forms import filled_by_chrome, letter
from test_forms import ADA

from scorecard.mail.form_mail import read_form_mail

made, lone = test_forms.made, test_forms.lone
MALLORY = "mallory@example.org"


@pytest.mark.parametrize(
    ("said", "sender"),
    [
        (f"=?utf-8?q?ada=40example=2Ecom=2C?= <{MALLORY}>", MALLORY),
        (f"=?utf-8?q?=3Cada=40example=2Ecom=3E?= <{MALLORY}>", MALLORY),
        (f'"{ADA}" <{MALLORY}>', MALLORY),
        (f"{ADA}, {MALLORY}", ""),
        (f"{ADA} <{MALLORY}>", ""),
        (f"Team: {ADA}, {MALLORY};", ""),
        (f"{ADA}\r\nFrom: {MALLORY}", ""),
        (f"{MALLORY}\r\nFrom: {ADA}", ""),
        ("", ""),
        (f"=?iso-8859-1?Q?M=FCller=2C_Ada?= <{ADA}>", ADA),
        (f"=?unknown?b?YWRh?= <{ADA}>", ADA),
        (f'"Müller, Ada"\r\n <{ADA}>', ADA),
        ("Ada <jürgen@example.com>", "jürgen@example.com"),
    ],
)
def test_a_mail_is_from_the_one_address_that_servers_check(said, sender):
    raw = f"From: {said}\r\nSubject: x\r\n\r\nHere it is.".encode()
    assert read_form_mail(raw).sender == sender


def test_nobody_writes_in_the_name_of_an_owner_by_encoding_their_address(lone):
    form = filled_by_chrome(lone.pdf, **{lone.answer: "I say so."})
    forged = letter(MALLORY, ("f.pdf", form)).replace(
        b"From: ", b"From: =?utf-8?q?ada=40example=2Ecom=2C?= <", 1
    )
    lone.lay(forged.replace(MALLORY.encode(), MALLORY.encode() + b">", 1))
    (found,) = lone.collect()
    assert found.sender == MALLORY
    assert "today Ada Example answers for it" in found.refused[0]
    assert lone.answers() == []
