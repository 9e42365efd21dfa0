"""The repository as people find it: what its pages and its machinery name is there.

Modules move, and pages that name them are easily forgotten. What pages say of commands and options
is held by test_docs.py.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MADE = {"build", "dist", "facts", "output"}
"""Folders whose content is made again, and is in no version."""
PAGES = sorted(
    page
    for page in (*ROOT.glob("*.md"), *ROOT.glob("[!.]*/**/*.md"))
    if page.relative_to(ROOT).parts[0] not in MADE
)
DECISIONS = ROOT / "docs" / "design"
MODULE = re.compile(r"(?<![\w/.<>*-])((?:[\w-]+/)*[\w-]+\.py)\b")
PLACE = re.compile(r"`((?:scorecard|tests|docs|metrics|templates|schedules|\.ci)/[\w./-]*)`")


def name(page):
    return str(page.relative_to(ROOT))


def text_of(page):
    return page.read_text(encoding="utf-8")


def leading_nowhere(page, text):
    """The relative links of a page behind which there is no file or folder."""
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text)]
    return [
        link
        for link in links
        if link and not re.match(r"[a-z]+:", link) and not (page.parent / link).exists()
    ]


def missing(page, text):
    """The modules and folders that a page names and that are not there.

    A module is named from the repository, from `scorecard/`, or from the page's own folder.
    """
    places = ROOT, ROOT / "scorecard", page.parent
    gone = [said for said in MODULE.findall(text) if not any((p / said).is_file() for p in places)]
    at = places[:2]
    gone += [said for said in PLACE.findall(text) if not any((p / said).exists() for p in at)]
    for dotted in re.findall(r"\b(?:from|import) (scorecard(?:\.\w+)*)", text):
        module = ROOT / dotted.replace(".", "/")
        if not (module.is_dir() or module.with_suffix(".py").is_file()):
            gone.append(dotted)
    return gone


def test_what_is_gone_is_found_however_it_is_named():
    text = (
        "See `scorecard/tiers/margin.py`, `scorecard/money.py`, tests/test_repository.py and check.py,"
        " `inspection/rules.py`, `test_<module>.py`, `scorecard/compose/` and `scorecard/ledger/`;\n"
        "    from scorecard.money import money\n"
        "    from scorecard.tiers.margin import money\n"
        "[here](tests/README.md#top), [there](compose.md), [away](https://example.com/x), [up](#top)"
    )
    assert missing(ROOT / "x.md", text) == [
        "scorecard/money.py",
        "inspection/rules.py",
        "scorecard/money.py",
        "scorecard/compose/",
        "scorecard.money",
    ]
    assert leading_nowhere(ROOT / "x.md", text) == ["compose.md"]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_relative_links_lead_to_a_file(page):
    assert leading_nowhere(page, text_of(page)) == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_modules_that_a_page_names_are_there(page):
    assert missing(page, text_of(page)) == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_tests_that_a_page_names_are_there(page):
    known = {
        test
        for file in (ROOT / "tests").rglob("test_*.py")
        for test in re.findall(r"(?m)^def (test_\w+)", text_of(file))
    }
    assert set(re.findall(r"`(test_\w+)`", text_of(page))) - known == set()


@pytest.mark.parametrize("room", ["metrics", "templates", "schedules", "tests", "docs/design"])
def test_a_room_says_what_belongs_into_it(room):
    assert (ROOT / room / "README.md").is_file()


def test_the_index_of_decisions_has_every_page():
    linked = re.findall(r"\]\(([\w-]+\.md)\)", text_of(DECISIONS / "README.md"))
    pages = {page.name for page in DECISIONS.glob("*.md")} - {"README.md"}
    assert sorted(linked) == sorted(pages)


def test_a_source_distribution_has_every_page():
    build = tomllib.loads(text_of(ROOT / "pyproject.toml"))["tool"]["hatch"]["build"]
    included = {pattern.strip("/") for pattern in build["targets"]["sdist"]["include"]}
    included |= {"README.md", "LICENSE"}  # always are
    firsts = {page.relative_to(ROOT).parts[0] for page in PAGES}
    assert firsts - included == set()


def test_the_workflow_does_what_must_pass_on_every_python_that_is_supported():
    workflow = text_of(ROOT / ".github" / "workflows" / "ci.yml")
    asked = set(re.findall(r"(?m)^make (\w+)$", text_of(ROOT / ".ci" / "run")))
    assert asked - set(re.findall(r"(?m)run: make (\w+)$", workflow)) == set()
    project = tomllib.loads(text_of(ROOT / "pyproject.toml"))["project"]
    supported = re.findall(r"Python :: (3\.\d+)", "\n".join(project["classifiers"]))
    (tested,) = re.findall(r"python: \[(.*)\]", workflow)
    assert re.findall(r"[\d.]+", tested) == supported


def test_ways_through_the_house_visit_no_module_twice():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    ways = re.findall(r"^- \*\*A [^*]+\*\*: (?:.+\n)+?(?=-|\n)", text, re.MULTILINE)
    assert len(ways) == 3
    for way in ways:
        modules = re.findall(r"`(\w+/\w+\.py)`", way)
        assert len(modules) > 8 and len(set(modules)) == len(modules)
        assert [m for m in modules if not (ROOT / "scorecard" / m).is_file()] == []
