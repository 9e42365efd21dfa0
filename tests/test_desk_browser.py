"""The desk in Chromium, as people use it: by keyboard, on three widths, without any script of ours.

Skipped, and said so, where there is no Chromium: `apt install chromium`, or name one in CHROMIUM.
"""

from __future__ import annotations

import os
import re
import shutil

import pytest
from sample_desk import NOW, made, served

from scorecard.ledger import Ledger

playwright = pytest.importorskip(
    "playwright.sync_api", reason="no Playwright: make lint installs it"
)
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WIDTHS = (360, 768, 1280)
FIRST, SECOND = "#answer-aaaaaaaaaaa1", "#answer-aaaaaaaaaaa2"
CONTRAST = """
() => {
  const lum = c => { const v = c.map(x => { x /= 255; return x <= .03928 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4 });
                     return .2126 * v[0] + .7152 * v[1] + .0722 * v[2] };
  const rgb = s => s.match(/[\\d.]+/g).map(Number);
  const ground = e => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor);
                        if (c.length < 4 || c[3] > 0) return c } return [255, 255, 255] };
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim()) continue;
    const a = lum(rgb(getComputedStyle(e).color).slice(0, 3)), b = lum(ground(e).slice(0, 3));
    found.push((Math.max(a, b) + .05) / (Math.min(a, b) + .05));
  }
  return Math.min(...found);
}
"""
"""The least contrast of any text on the page with what is behind it (WCAG 2.2, 1.4.3)."""
SMALL = """
() => [...document.querySelectorAll('button, .button, input:not([type=hidden]), select, textarea, summary')]
  .filter(e => e.getClientRects().length)
  .map(e => (e.labels && e.labels[0] && e.type === 'checkbox' ? e.parentElement : e).getBoundingClientRect())
  .filter(r => r.height < 24 || r.width < 24).length
"""
"""How many targets are smaller than WCAG 2.2, 2.5.8 asks for."""
UNNAMED = """
() => [...document.querySelectorAll('input:not([type=hidden]), select, textarea')]
  .filter(e => !e.labels.length || !e.labels[0].textContent.trim()).map(e => e.id)
"""


def chromium():
    named = os.environ.get("CHROMIUM", "")
    found = [named] if named else [file for name in NAMES if (file := shutil.which(name))]
    if not found:
        pytest.skip(f"no Chromium: none of {', '.join(NAMES)} is on the PATH")
    return found[0]


@pytest.fixture(scope="module")
def program():
    file = chromium()
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=file, args=list(QUIET))
        yield opened
        opened.close()


@pytest.fixture
def desk(tmp_path, local):
    return made(tmp_path / "acme", local)


@pytest.fixture
def base(desk):
    with served(desk) as address:
        yield address


@pytest.fixture
def visit(program, base):
    """Opens a page in a window of its own; whatever it says in its console is an error."""
    opened, said = [], []

    def open_page(path, width=1280, **options):
        context = program.new_context(viewport={"width": width, "height": 900}, **options)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda r: r.url.startswith(base) or said.append(f"asked {r.url}"))
        opened.append(context)
        page.goto(f"{base}{path}")
        page.wait_for_load_state("networkidle")
        return page

    yield open_page
    for context in opened:
        context.close()
    # A status of 4xx is a line in the console, and what some tests are about.
    assert [s for s in said if "status of 4" not in s] == []


def answers(desk):
    given = desk.ledger.answers(desk.project.period("2026-10"))
    return {id: [a.text for a in each] for id, each in given.items()}


@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_fits_its_width_and_all_of_it_can_be_read(desk, visit, tmp_path, width):
    page = visit(desk.paths["support"], width)
    page.fill(FIRST, "word " * 61)
    page.fill("#promise-text", "x" * 160)
    page.click("button")
    page.wait_for_selector("#faults")
    for _ in range(2):  # with faults, and then without
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(CONTRAST) >= 4.5
        assert page.evaluate(SMALL) == 0
        assert page.evaluate(UNNAMED) == []
        levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3')].map(h => h.tagName)")
        assert levels.count("H1") == 1
        page.screenshot(path=tmp_path / f"desk-{width}.png", full_page=True)
        page.goto(page.url)
    fonts = page.evaluate(
        "[...document.fonts].filter(f => f.status === 'loaded').map(f => f.family)"
    )
    assert {name.strip('"') for name in fonts} >= {"Source Sans 3", "Source Serif 4"}
    assert not any("Noto" in name for name in fonts)  # two megabytes for signs that are not there
    assert page.evaluate("document.documentElement.lang") == "en-GB"


def test_everything_can_be_done_by_keyboard_alone_in_the_order_in_which_it_is_read(desk, visit):
    page = visit(desk.paths["support"])
    seen = []

    def at():
        return page.evaluate(
            "document.activeElement.id || document.activeElement.textContent.trim()"
        )

    page.keyboard.press("Tab")
    assert at() == "To the questions"
    page.keyboard.press("Enter")
    for _ in range(9):
        page.keyboard.press("Tab")
        seen.append(at())
        if seen[-1] == "answer-aaaaaaaaaaa1":
            page.keyboard.type("Two of five night-shift posts were vacant.")
        if seen[-1] == "promise-text":
            page.keyboard.type("bring Gold first reply to 4 h or less")
        if seen[-1] == "promise-stance":
            page.keyboard.press("ArrowDown")
        if seen[-1] == "promise-to":
            page.keyboard.type("3 h")
        if seen[-1] == "promise-due":
            page.keyboard.type("Dec")
        if seen[-1] == "read":
            page.keyboard.press("Space")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", seen[-1]
    assert seen == [
        "answer-aaaaaaaaaaa1",
        "answer-aaaaaaaaaaa2",
        "promise-text",
        "promise-stance",
        "promise-to",
        "promise-due",
        "read",
        "Send my answers",
        "My page as PDF",
    ]
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#receipt")
    # The receipt has the focus, so that it is read aloud.
    assert at() == "receipt"
    assert "your answer to question 1, commitment 1" in page.inner_text("#receipt")
    assert answers(desk) == {"aaaaaaaaaaa1": ["Two of five night-shift posts were vacant."]}
    (commitment,) = desk.ledger.commitments()
    assert (commitment.due, commitment.goal.key) == ("2026-12", "first_reply_p90/gold")
    assert commitment.goal.at_worst == 3.0


def test_what_is_wrong_gets_the_focus_and_leads_to_its_field(desk, visit):
    page = visit(desk.paths["support"])
    page.fill(SECOND, "word " * 61)
    page.click("button")
    page.wait_for_selector("#faults")
    assert page.evaluate("document.activeElement.id") == "faults"
    assert page.title().startswith("Not recorded yet:")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.url.endswith("#answer-aaaaaaaaaaa2")
    told = page.get_attribute(SECOND, "aria-describedby").split()
    assert "61 words" in page.inner_text(f"#{told[0]}") and page.get_attribute(
        SECOND, "aria-invalid"
    )
    page.fill(SECOND, "Shorter.")
    page.click("button")
    page.wait_for_selector("#receipt")


@pytest.mark.parametrize("width", WIDTHS)
def test_a_goal_that_is_worse_than_the_limit_is_led_to_and_mended(desk, visit, width):
    page = visit(desk.paths["support"], width, has_touch=width == 360)
    page.fill("#promise-text", "bring Gold first reply to 3 h")
    page.select_option("#promise-stance", "first_reply_p90/gold")
    page.fill("#promise-to", "9 h")
    page.select_option("#promise-due", "2026-12")
    page.click("button")
    page.wait_for_selector("#faults")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.url.endswith("#promise-to")
    told = page.get_attribute("#promise-to", "aria-describedby").split()
    said = [page.inner_text(f"#{id}") for id in told]
    assert "worse than the limit that was chosen, 4 h" in said[0] and "3 h or 85 %" in said[1]
    assert page.input_value("#promise-to") == "9 h"
    box = page.locator("#promise-to").bounding_box()
    assert box["width"] >= 100 and box["height"] >= 44 and box["x"] + box["width"] <= width
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.fill("#promise-to", "3 h")
    page.click("button")
    page.wait_for_selector("#receipt")
    assert "to 3 h" in page.inner_text(".promised").replace("\u00a0", " ")
    assert desk.ledger.commitments()[0].goal.at_worst == 3.0


def test_a_second_click_and_a_reload_record_nothing_twice(desk, visit):
    page = visit(desk.paths["support"])
    page.fill(FIRST, "Once.")
    page.fill("#promise-text", "train two people")
    page.select_option("#promise-stance", index=1)
    page.select_option("#promise-due", "2026-12")
    page.dblclick("button")
    page.wait_for_selector("#receipt")
    page.reload()
    page.go_back()
    page.wait_for_load_state("networkidle")
    assert answers(desk) == {"aaaaaaaaaaa1": ["Once."]}
    assert len(desk.ledger.commitments()) == 1


def test_two_owners_at_once_see_and_send_their_own(desk, visit):
    pages = {owner: visit(path) for owner, path in desk.paths.items()}
    pages["support"].fill(FIRST, "Mine.")
    pages["field"].fill("#answer-bbbbbbbbbbb1", "Yours.")
    for page in pages.values():
        page.click("button")
    for page in pages.values():
        page.wait_for_selector("#receipt")
    assert answers(desk) == {"aaaaaaaaaaa1": ["Mine."], "bbbbbbbbbbb1": ["Yours."]}
    assert "Lindqvist" not in pages["field"].content()


def test_a_link_that_is_over_and_one_of_another_edition(desk, visit):
    over = visit(desk.path(desk.link(id="over", expires_at=NOW)))
    assert "was open until" in over.inner_text("h1")
    from sample_desk import frozen

    frozen(desk.ledger, desk.run, role="Another role")
    page = visit(desk.paths["support"])
    assert "replaced by edition 2" in page.inner_text("main")
    assert page.query_selector("textarea") is None


def test_no_script_runs_even_where_one_gets_in(desk, visit):
    page = visit(desk.paths["support"])
    page.fill(FIRST, "</textarea><script>document.title = 'taken'</script>")
    page.click("button")
    page.wait_for_selector("#receipt")
    assert page.title().startswith("Recorded:")
    assert page.evaluate("document.scripts.length") == 0


def test_it_works_where_scripts_are_switched_off_and_motion_is_unwanted(desk, visit):
    page = visit(desk.paths["support"], java_script_enabled=False, reduced_motion="reduce")
    page.fill(FIRST, "Without any script.")
    page.click("button")
    page.wait_for_url(re.compile("sent="))
    assert answers(desk) == {"aaaaaaaaaaa1": ["Without any script."]}


def test_a_page_with_signs_of_japan_is_set_in_a_font_of_ours(desk, visit):
    page = visit(desk.paths["support"])
    page.fill(FIRST, "夜勤が足りなかった。")
    page.click("button")
    page.wait_for_selector("#receipt")
    page.wait_for_load_state("networkidle")
    fonts = page.evaluate(
        "[...document.fonts].filter(f => f.status === 'loaded').map(f => f.family)"
    )
    assert any("Noto" in name for name in fonts)
    assert isinstance(desk.ledger, Ledger)
