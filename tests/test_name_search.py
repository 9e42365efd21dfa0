from __future__ import annotations

import re
import unicodedata

import pytest

from scorecard.printing.confusables import SCRIPTS, prototypes, replaced, shape
from scorecard.printing.name_match import is_begun, is_named
from scorecard.printing.name_search import (
    KEY_LENGTH,
    KnownIn,
    Names,
    keys,
    known_as,
    known_in,
    phrases,
    plain,
)
from scorecard.printing.words import BETWEEN, apart, readings, words

PEOPLE = Names(["Adaeze Lindqvist", "Tomás Okonkwo", "Jo O’Brien-Smith", "佐藤 花子", "Li"])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("answered by Adaeze\nLindqvist, head of support", {"Adaeze Lindqvist"}),
        ("ADAEZE LINDQVIST", {"Adaeze Lindqvist"}),
        ("Adaeze asked Lindqvist", set()),
        ("Tomás Okonkwo’s page", {"Tomás Okonkwo"}),
        ("To\u00admás Okonkwo", {"Tomás Okonkwo"}),
        ("Jo O’Brien-\nSmith", {"Jo O’Brien-Smith"}),
        ("担当は佐藤花子です", {"佐藤 花子"}),
        ("担当は佐藤\n花子です", {"佐藤 花子"}),
        ("担当は佐藤です", set()),
        ("Limits and lists", set()),
        ("Li, deputy", {"Li"}),
        ("Toma\u0301s Okonkwo", {"Tomás Okonkwo"}),
        ("Ｔｏｍáｓ Ｏｋｏ\n\nｎｋｗｏ", {"Tomás Okonkwo"}),
        ("Ｔｏｍáｓ\nＯｋｏｎｋｗｏ", {"Tomás Okonkwo"}),
        ("Ｔｏｍáｓ\nＯｋｏ\nｎｋｗｏ", {"Tomás Okonkwo"}),
        ("Ｔｏｍáｓ Ｏ\nｋｏ \n ｎｋｗｏ", {"Tomás Okonkwo"}),
        ("Tomás Okｏ\nnkwo", {"Tomás Okonkwo"}),
        ("Tomás Oko\nnkwo", set()),
        ("", set()),
    ],
)
def test_names_are_found_as_whole_words_however_they_are_broken(text, found):
    assert PEOPLE.found(text) == found


def test_no_names_are_found_nowhere():
    assert Names([]).found("Adaeze") == set()
    assert Names(["", "–"]).found("Adaeze –") == set()


def test_phrases_are_all_sequences_of_words():
    assert phrases("One, two three", 2) == {"one", "two", "three", "one two", "two three"}


def test_words_are_those_between_blanks_or_single_signs():
    assert words("Aldous-Marine 東雲ABC") == ["aldous", "marine", "東", "雲", "abc"]
    assert words("Aldous MARINE", as_printed=True) == ["Aldous", "MARINE"]


def looked_up(name: str) -> str:
    """The key of a name, as a database makes it."""
    key = re.sub(BETWEEN, "", name).lower().replace("ß", "ss")
    for letter, looks in replaced():
        if letter.isascii() or re.search(SCRIPTS, key):
            key = key.replace(letter, looks)
    return key.replace("rn", "m")[:KEY_LENGTH]


@pytest.mark.parametrize(
    "name",
    [
        "Aldous Marine",
        "Bay, Ltd",
        "(Acme) & Sons Ltd.",
        "“Quoted” S.p.A.",
        "A.C. Müller KG",
        "株式会社山田精機",
        "東雲 ABC 製作所",
        "ООО «Ромашка»",
        "Żurawiński Sp. z o.o.",
        "3M",
        "O’Brien",
        "บริษัท เอบีซี จำกัด",
        "شركة النور",
        "אורן בע״מ",
        "Νικολάου ΑΕ",
        "한빛 정밀",
        "Acme®",
        "Co\u200bral Print",
        "Am\U000e0101ber Mills",
        "شرکت نفت\u200cگاز",
        "C000123",
        "ÖSTERREICHISCHE BAHN",
        "Größen & Maß",
        "The Very Old and Honourable Company of Makers of Fine Instruments in the North",
    ],
)
def test_a_name_in_a_text_makes_the_key_that_a_database_makes_of_it(name):
    found = keys(f"We wait for {name}, so that others\nneed not.")
    key = looked_up(name)
    assert key in found
    assert known_as(name, key) == key or any(is_named(name, phrase) for phrase in found[key])


def test_a_key_alone_does_not_make_a_name():
    """ "Intime" and "in time" have one key; only the words tell them apart."""
    key = looked_up("Intime")
    assert keys("We answer in time.")[key] == {"in time"}
    assert (is_named("In time", "in time"), is_named("Intime", "in time")) == (True, False)


def test_a_long_name_is_known_by_its_beginning_where_it_is_cut_short():
    name = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk Linz"
    key = looked_up(name)
    assert key == "donaudampfschlfffahrtsel"  # "i" and "l" look alike
    assert key in keys("waited: Donaudampfschifffahrtselektrizitätenhaupt…")
    assert known_as(name, key) == key
    assert key in known_in("Donaudampfschifffahrtselektrizitätenhauptbetriebswerk L…")
    assert key not in known_in("Donaudampfschiff")


def test_letters_are_looked_up_as_printed_too():
    """A database that knows no small letter for Ö still finds the name."""
    assert {"österbro", "Österbro"} <= keys("for Österbro").keys()
    assert {"ａｂｃ", "abc"} <= keys("for ＡＢＣ").keys()


def test_a_name_whose_accents_are_signs_of_their_own_is_looked_up_too():
    """As some systems store them; a long one is cut where its signs, not its letters, end."""
    long = "Größenwälzlagergehäuseführungen Linz"
    for name in ("Müller", "Citroën", "한빛 정밀", long):
        found = keys(f"for {name} only")
        apart = unicodedata.normalize("NFD", name)
        for stored in (name, apart):
            key = looked_up(stored)
            assert known_as(stored, key) == key or any(is_named(stored, p) for p in found[key])
        assert len(looked_up(apart)) == min(KEY_LENGTH, len(apart.replace(" ", "")))


def test_full_width_lines_are_read_in_every_manner_and_others_in_one():
    assert readings("a b\nc") == ["a b\nc"]
    assert set(readings("Ａ\nＢ\n\nＣ")) == {"Ａ\nＢ\nＣ", "ＡＢ\nＣ", "Ａ\nＢＣ", "ＡＢＣ"}


def test_a_plain_name_has_neither_case_nor_punctuation():
    assert plain("  O’Brien-Smith, LTD. ") == "o brien smith ltd"


@pytest.mark.parametrize("printed", ["شرکت نفتگاز", "نفتگاز شرکت"])
def test_a_name_from_right_to_left_is_found_in_either_order(printed):
    names = Names(["شرکت نفت\u200cگاز", "شرکت آب"])
    assert names.found(f"Harmed: {printed}; Basil Foods") == {"شرکت نفت\u200cگاز"}


@pytest.mark.parametrize(
    ("name", "phrase"),
    [
        ("Acme Corp", "AcmeCorp"),
        ("Acme Corp", "acmecorp"),
        ("Acme Corp Ltd", "AcmeCorp Ltd"),
        ("Acme Corp", "Асmе Соrр"),  # Cyrillic
        ("Acme Corp", "ΑCME CΟRP"),  # Greek
        ("Acme Corp", "Аcme­Corp"),
        ("Acme Corp", "Ac\u2060me\u200b Corp"),
        ("Acme Corp", "Acme C0rp"),
        ("Acme Corp", "Acrne Corp"),
        ("Acme Corp", "A c m e C o r p"),
        ("Acme", "A c m e"),
        ("Acme", "A.C.M.E."),
        ("Acme", "Аcme"),
        ("Acme", "𝐀𝐜𝐦𝐞"),
        ("Иван Петров", "Ивaн Пeтpoв"),  # Latin letters in a Cyrillic name
        ("ООО «Ромашка»", "OOO Poмaшкa"),
        ("Νικολάου ΑΕ", "Νικoλάoυ ΑΕ"),
        ("ニコル商会", "二コル商会"),
        ("Bay 1 Ltd", "Bay I Ltd"),
        ("Müller & Söhne", "MüllerSöhne"),
        ("Größen Sons", "G r ö ß e n S o n s"),
    ],
)
def test_a_name_is_known_in_a_disguise(name, phrase):
    assert is_named(name, phrase)
    assert Names([name]).found(f"We wait for {phrase}, not for others") == {name}
    assert any(is_named(name, p) for p in keys(f"for {phrase}.").get(looked_up(name), ()))


@pytest.mark.parametrize(
    ("name", "phrase"),
    [
        ("Intime", "in time"),
        ("Modem", "modern"),
        ("AII", "all"),
        ("Lo", "10"),
        ("COP", "сор"),  # a Russian word
        ("Any One", "anyone"),
        ("Acme Corp", "Acme Corps"),
        ("Acme Corp", "Ac meCorp"),
        ("Acme Corp", "Acne Corp"),
        ("Müller", "Muller"),
        ("Bay 12", "Bay 21"),
    ],
)
def test_words_that_are_somebody_elses_are_no_name(name, phrase):
    assert not is_named(name, phrase)
    assert Names([name]).found(f"We wait for {phrase}, not for others") == set()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("for Acme Corporati…", {"Acme Corporation"}),
        ("for Acme Corporati...", {"Acme Corporation"}),
        ("for AcmeCorpora…", {"Acme Corporation"}),
        ("for Асmе Corporati…", {"Acme Corporation"}),
        ("for Zenithi…", {"Zenithian"}),
        ("for Acme…", set()),
        ("moved to a corporation…", set()),
        ("we waited …", set()),
        ("for Acme Corpus…", set()),
    ],
)
def test_a_name_is_known_by_what_is_left_of_it_before_an_ellipsis(text, found):
    assert Names(["Acme Corporation", "Zenithian", "Waited Longer"]).found(text) == found


def test_texts_that_stand_apart_hold_no_name_between_them():
    both = ["株式会社白樺精密", "株式会社青嵐"]
    between = Names(["白樺精密株式会社"])
    assert between.found("\n".join(both)) and not between.found(apart(both))
    assert looked_up("白樺精密株式会社") not in keys(apart(both))
    assert between.found(apart(["白樺精密株式会社", "x"]))


def test_every_letter_that_looks_like_another_is_known_to():
    """The table is Unicode's; letters of ASCII are left to `shape`."""
    assert len(prototypes()) > 1400
    assert prototypes()[ord("а")] == "a" and prototypes()[ord("Ο")] == "O"
    assert not any(chr(point).isascii() for point in prototypes())
    assert all(shape(chr(p)) == shape(looks) for p, looks in prototypes().items())


@pytest.mark.parametrize(
    ("own", "twin"),
    [
        ("Вега Νικολάου", "Веrа Νικολάου"),  # the first with a Cyrillic г, its twin with an r
        ("Vera Stern", "Vеrа Stern"),
        ("BHTA", "Βητα"),  # alike in capitals only
        ("Nina", "Νina"),  # a Greek Ν, which in lower case looks like v
    ],
)
def test_a_name_that_may_be_printed_excuses_those_that_look_like_it(own, twin):
    assert plain(twin) in KnownIn([f"Filed under {own}."])
    assert plain("Vesna Stern") not in KnownIn([own])


@pytest.mark.parametrize(
    ("name", "cut", "begun"),
    [
        ("eBay Deutschland", "eBay Deutsch", True),
        ("Ebay Deutschland", "ebay deutsch", False),  # words of a sentence that goes on…
        ("Zenith Works", "Zenith Wor", True),
    ],
)
def test_a_name_cut_short_has_the_capital_that_the_name_has(name, cut, begun):
    assert is_begun(name, cut) is begun
