from __future__ import annotations

import pytest

from scorecard.names import Names, phrases, spellings

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
        ("担当は佐藤です", set()),
        ("Limits and lists", set()),
        ("Li, deputy", {"Li"}),
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


def test_spellings_keep_the_punctuation_that_may_belong_to_a_name():
    assert {"acme ltd.", "acme ltd", "(acme", "acme"} <= spellings("(Acme\nLtd.) waited", 3)
