from __future__ import annotations

import re
import unicodedata

import pytest

from scorecard.printing.name_search import (
    BETWEEN,
    KEY_LENGTH,
    Names,
    keys,
    known_as,
    known_in,
    phrases,
    plain,
    readings,
    words,
)

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
    return re.sub(BETWEEN, "", name).lower()[:KEY_LENGTH]


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
        "The Very Old and Honourable Company of Makers of Fine Instruments in the North",
    ],
)
def test_a_name_in_a_text_makes_the_key_that_a_database_makes_of_it(name):
    found = keys(f"We wait for {name}, so that others\nneed not.")
    key = looked_up(name)
    assert key in found
    assert known_as(name, key) in {key, *found[key]}


def test_a_key_alone_does_not_make_a_name():
    """ "Intime" and "in time" have one key; only the words tell them apart."""
    assert keys("We answer in time.")["intime"] == {"in time"}
    assert known_as("In time", "intime") == "in time"
    assert known_as("Intime", "intime") == "intime"


def test_a_long_name_is_known_by_its_beginning_where_it_is_cut_short():
    name = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk Linz"
    key = looked_up(name)
    assert key == "donaudampfschifffahrtsel"
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
            assert known_as(stored, key) in {key, *found[key]}
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
