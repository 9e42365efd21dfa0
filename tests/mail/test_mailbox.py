"""The mailbox of bounces: nothing lost, nothing twice, nothing for ever."""

from __future__ import annotations

import os

import pytest
from imap_server import USER, ImapServer

from scorecard.errors import MailError
from scorecard.mail.incoming import LARGEST
from scorecard.mail.mailbox import open_box

FIRST, SECOND, THIRD = (f"Subject: {n}\r\n\r\nHello.\r\n".encode() for n in (1, 2, 3))


def waiting(url, root=None):
    with open_box(url, root) if root else open_box(url) as box:
        return [mail.raw for mail in box.waiting()]


@pytest.fixture
def folder(tmp_path):
    for name, raw in (("a.eml", FIRST), ("b.eml", SECOND), ("c.eml", THIRD)):
        (tmp_path / name).write_bytes(raw)
    return tmp_path


@pytest.fixture
def maildir(tmp_path):
    for room in ("cur", "new", "tmp"):
        (tmp_path / room).mkdir()
    (tmp_path / "cur" / "1.a.host:2,").write_bytes(FIRST)
    (tmp_path / "new" / "2.b.host").write_bytes(SECOND)
    (tmp_path / "new" / "3.c.host").write_bytes(THIRD)
    (tmp_path / "cur" / "0.seen.host:2,RS").write_bytes(b"Subject: seen\r\n\r\n")
    (tmp_path / "tmp" / "4.d.host").write_bytes(b"half of a ma")
    return tmp_path


@pytest.fixture(scope="module")
def imap(tmp_path_factory):
    with ImapServer.start(tmp_path_factory.mktemp("imap")) as server:
        yield server


def test_mails_are_offered_in_order_until_they_are_done(folder):
    with open_box("folder:.", folder) as box:
        first, second, third = box.waiting()
        assert [first.raw, second.raw, third.raw] == [FIRST, SECOND, THIRD]
        box.done(first)
        box.set_aside(third)
    assert waiting("folder:.", folder) == [SECOND]
    assert (folder / "done" / "a.eml").read_bytes() == FIRST
    assert (folder / "unclear" / "c.eml").read_bytes() == THIRD


def test_a_mail_is_offered_again_when_nobody_said_it_is_done(folder):
    assert waiting("folder:.", folder) == waiting("folder:.", folder) == [FIRST, SECOND, THIRD]


def test_two_mails_of_the_same_name_are_both_kept(folder):
    with open_box("folder:.", folder) as box:
        box.done(next(box.waiting()))
        (folder / "a.eml").write_bytes(SECOND)
        box.done(next(box.waiting()))
    kept = {f.name: f.read_bytes() for f in (folder / "done").iterdir()}
    assert kept == {"a.eml": FIRST, "a-2.eml": SECOND}


def test_what_another_process_took_meanwhile_is_let_be(folder):
    with open_box("folder:.", folder) as box, open_box("folder:.", folder) as other:
        mine = list(box.waiting())
        for mail in other.waiting():
            other.done(mail)
        for mail in mine:
            box.done(mail)
            box.set_aside(mail)
    assert len(list((folder / "done").iterdir())) == 3


def test_only_whole_mails_are_read(folder):
    (folder / "d.partial").write_bytes(b"half")
    (folder / "e.eml").mkdir()
    assert waiting("folder:.", folder) == [FIRST, SECOND, THIRD]


def test_a_huge_mail_is_read_as_far_as_a_report_can_reach(folder):
    (folder / "a.eml").write_bytes(FIRST + b"x" * LARGEST)
    assert [len(raw) for raw in waiting("folder:.", folder)] == [LARGEST, len(SECOND), len(THIRD)]


def test_no_link_in_a_folder_of_mails_is_followed(folder, tmp_path_factory):
    """It may be a drop box in which others can write."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "secret").write_bytes(FIRST)
    (folder / "0.eml").symlink_to(elsewhere / "secret")
    os.mkfifo(folder / "00.eml")
    (folder / "done").symlink_to(elsewhere)
    with open_box("folder:.", folder) as box:
        first, *_ = mails = list(box.waiting())
        assert [mail.key for mail in mails] == ["a.eml", "b.eml", "c.eml"]
        with pytest.raises(MailError, match=r"cannot be moved to .*/done \(done on its way is a"):
            box.done(first)
        (folder / "done").unlink()
        box.done(first)
    assert [f.name for f in elsewhere.iterdir()] == ["secret"]


def test_a_maildir_is_marked_as_mail_programs_do(maildir):
    with open_box("folder:.", maildir) as box:
        first, second, third = box.waiting()
        assert [first.raw, second.raw, third.raw] == [FIRST, SECOND, THIRD]
        box.done(first)
        box.done(second)
        box.set_aside(third)
    assert waiting("folder:.", maildir) == []
    assert sorted(f.name for f in (maildir / "cur").iterdir()) == [
        "0.seen.host:2,RS",
        "1.a.host:2,S",
        "2.b.host:2,S",
        "3.c.host:2,FS",
    ]
    assert list((maildir / "new").iterdir()) == []


def test_imap_mails_are_left_where_they_are_and_marked(imap):
    for raw in (FIRST, SECOND, THIRD):
        imap.put(raw)
    with open_box(imap.url()) as box:
        first, second, third = box.waiting()
        assert [first.raw, second.raw, third.raw] == [FIRST, SECOND, THIRD]
        assert imap.flags() == [set(), set(), set()]  # reading alone marks nothing
        box.done(first)
        box.set_aside(third)
    assert waiting(imap.url()) == [SECOND]
    assert imap.flags() == [{"\\Seen"}, set(), {"\\Flagged"}]


def test_imap_in_another_mailbox_that_does_not_exist(imap):
    with pytest.raises(MailError, match=r"localhost, port \d+, cannot open Bounces: "):
        waiting(imap.url(mailbox="Bounces"))


def test_imap_with_a_wrong_password_says_so_without_showing_it(imap):
    with pytest.raises(MailError, match=f"does not let {USER} in: ") as caught:
        waiting(imap.url(password="s3cret"))
    assert "s3cret" not in str(caught.value)


def test_imap_with_a_certificate_of_an_unknown_authority(imap):
    with pytest.raises(MailError, match="has a certificate that cannot be trusted"):
        waiting(imap.url(ca=False))


def test_imap_at_a_port_where_nobody_listens(imap):
    with pytest.raises(MailError, match="cannot be reached: nothing listens there"):
        waiting(imap.url().replace(f":{imap.port}/", ":1/"))


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "does not begin with imaps:"),
        ("pop3://ann:s3cret@host", "does not begin with imaps:"),
        ("folder:", "is not a folder"),
        ("folder:none", "none is not a folder; make it"),
        ("imap://ann:s3cret@mail.example.com/INBOX", "has to begin with imaps:"),
        ("imap://ann:s3cret@mail.example.com/INBOX?tls=none", "unencrypted to this machine"),
        ("imaps://ann:s3cret@127.0.0.1/INBOX?tls=none", "has to begin with imaps:"),
        ("imaps://mail.example.com/INBOX", "names no user"),
        ("imaps://ann:s3cret@mail.example.com/B%C3%BCcher", "letters beyond ASCII"),
        ("imaps://ann:s3/cret@mail.example.com", "cannot be taken apart"),
    ],
)
def test_a_fault_in_the_address_is_told_without_the_password(url, said, tmp_path):
    with pytest.raises(MailError) as caught:
        waiting(url, tmp_path)
    text = str(caught.value)
    assert text.startswith("bounces in [tool.scorecard.mail]")
    assert said in text
    assert "cret" not in text
