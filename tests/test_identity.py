"""Which ledger it is, and what only it can derive."""

import hmac
from hashlib import sha256

from sqlalchemy import text

from scorecard.ledger import Ledger
from scorecard.ledger.copying import copied


def test_two_ledgers_derive_different_things_from_the_same_words(tmp_path):
    with (
        Ledger.open("sqlite:///one.db", tmp_path) as one,
        Ledger.open("sqlite:///two.db", tmp_path) as two,
    ):
        assert one.id != two.id
        assert one.keyed("delivery", "a") != two.keyed("delivery", "a")


def test_a_ledger_derives_the_same_from_the_same_words_for_ever(url, tmp_path):
    with Ledger.open(url, tmp_path) as first:
        said, id = first.keyed("delivery", "ä"), first.id
    with Ledger.open(url, tmp_path) as again:
        assert (again.keyed("delivery", "ä"), again.id) == (said, id)


def test_what_is_derived_is_the_hmac_by_the_secret_and_keeps_parts_apart(ledger):
    with ledger._reading() as session:
        secret = session.execute(text("SELECT secret FROM ledger_identity")).scalar()
    assert len(secret) == 64
    known = hmac.new(bytes.fromhex(secret), b"1:a3:b\x1fc", sha256).hexdigest()
    assert ledger.keyed("a", "b\x1fc") == known
    assert len({ledger.keyed(*parts) for parts in (("a", "bc"), ("ab", "c"), ("abc",), ())}) == 4


def test_a_copy_for_a_dry_run_derives_the_same(local, tmp_path):
    with copied(local, tmp_path / "copy.db") as copy:
        assert (copy.id, copy.keyed("x")) == (local.id, local.keyed("x"))
