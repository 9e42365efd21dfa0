"""The trend's chart: where everything stands; and which exceptions have one, on which pages."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
from sample_documents import OWNER, PACKET
from sample_trends import trend, with_trends
from sample_variants import crowded_owner

from scorecard.documents.trend_model import LimitSpan, TrendMark
from scorecard.printing.expected_content import expected_of_packet
from scorecard.printing.fitting import fit_packet
from scorecard.printing.owner_height import HIGHEST_TREND, LOWEST_TREND, setting_with_trends
from scorecard.printing.pdf_text import Read
from scorecard.printing.readback import problems_of
from scorecard.printing.trend_chart import LEFT, RIGHT, trend_drawn, trend_shape
from scorecard.printing.trend_layout import A_PAGE, left_out_said, trend_pages

WIDE, HIGH = LEFT + RIGHT + 240, 68.5
"""A chart whose plot is 240 wide and, without marks, goes from 3 to 50."""


def test_periods_stand_in_the_middle_of_their_places_and_values_on_the_scale():
    shape = trend_shape(trend(values=(0.0, None, 10.0, 5.0), scale=(0.0, 10.0)), WIDE, HIGH)
    assert [x for x, _tick, _year in shape.periods] == [LEFT + x for x in (30, 90, 150, 210)]
    assert shape.points == ((LEFT + 30, 50.0), (LEFT + 150, 3.0))
    assert shape.last == (LEFT + 210, 26.5)


def test_a_line_is_broken_by_a_gap_and_by_a_new_definition():
    values = (1.0, 2.0, None, 3.0, 4.0, 5.0, 6.0)
    shape = trend_shape(trend(values=values, breaks=(5,)), WIDE, HIGH)
    assert shape.line.count("M") == 3
    assert shape.line.count("L") == 3  # 1–2, 3–4, 5–6


def test_limits_are_drawn_over_the_periods_in_which_they_were_in_force():
    spans = (LimitSpan(-0.5, 1.5, 10.0, None), LimitSpan(1.5, 3.5, 5.0, 0.0))
    of = trend(values=(1.0, 2.0, 3.0, 4.0), scale=(0.0, 10.0), spans=spans)
    shape = trend_shape(of, WIDE, HIGH)
    assert [(r.start, r.end, r.y) for r in shape.worst] == [
        (LEFT, LEFT + 120, 3.0),
        (LEFT + 120, LEFT + 240, 26.5),
    ]
    assert [(r.start, r.end, r.y) for r in shape.best] == [(LEFT + 120, LEFT + 240, 50.0)]


def test_natural_limits_are_drawn_as_they_were_in_each_period():
    """Four places of 60; of a scale to 10, ten are 47 high: 3 is at the top and 50 at the foot."""
    two = ((2.0, 4.0, 6.0), (2.0, 4.0, 6.0), None, (0.0, 5.0, 10.0))
    of = trend(values=(1.0, 2.0, 3.0, 4.0), scale=(0.0, 10.0), band=two)
    one, other = trend_shape(of, WIDE, HIGH).band
    assert (one.start, one.end, other.start, other.end) == (
        LEFT,
        LEFT + 120,
        LEFT + 180,
        LEFT + 240,
    )
    assert (one.top, one.centre, one.bottom) == pytest.approx((21.8, 31.2, 40.6))
    assert (other.top, other.centre, other.bottom) == (3.0, 26.5, 50.0)


def test_steps_that_join_are_one_outline():
    def outlines(*band):
        of = trend(values=(1.0, 2.0, 3.0, 4.0), scale=(0.0, 10.0), band=band)
        drawn = str(trend_drawn(of, WIDE, HIGH))
        return drawn.partition('<path d="')[2].partition('" fill="#E4E4E4"')[0].count("M")

    low, high = (1.0, 2.0, 3.0), (2.0, 3.0, 4.0)
    assert outlines(low, high, low, high) == 1
    assert outlines(low, None, low, high) == 2


def test_an_edition_from_before_limits_followed_periods_has_the_newest_over_all_of_them():
    of = trend(values=(1.0, 2.0, 3.0, 4.0), scale=(0.0, 10.0), lower=2.0, centre=4.0, upper=6.0)
    (step,) = trend_shape(of, WIDE, HIGH).band
    assert (of.band, step.start, step.end) == ((), LEFT, LEFT + 240)
    assert (step.top, step.bottom) == pytest.approx((21.8, 40.6))


def test_texts_of_limits_that_are_close_are_set_apart():
    spans = (LimitSpan(-0.5, 3.5, 5.0, 5.1),)
    of = trend(values=(1.0, 2.0, 3.0, 4.0), scale=(0.0, 10.0), spans=spans)
    (upper, _), (lower, _) = trend_shape(of, WIDE, HIGH).limits
    assert lower - upper == pytest.approx(7.0)


def test_texts_of_marks_take_a_second_line_rather_than_touch():
    marks = (TrendMark(0.5, "limit 6 h → 4 h"), TrendMark(0.7, "corrected"), TrendMark(3.0, "a"))
    of = trend(values=(1.0, 2.0, 3.0, 4.0), marks=marks)
    first, second, third = trend_shape(of, WIDE, HIGH).labels
    assert (first.row, second.row, third.row) == (0, 1, 0)
    assert trend_shape(of, WIDE, HIGH).top > trend_shape(replace(of, marks=()), WIDE, HIGH).top


def test_a_point_whose_evidence_did_not_suffice_is_a_ring():
    of = trend(values=(1.0, 2.0, 3.0), weak=(False, True, False))
    shape = trend_shape(of, WIDE, HIGH)
    assert (len(shape.points), len(shape.weak)) == (1, 1)


def test_each_ink_is_one_path_and_text_from_facts_is_no_markup():
    of = trend(marks=(TrendMark(1.0, "<b>&"),))
    drawn = str(trend_drawn(of, WIDE, HIGH))
    assert "&lt;b&gt;&amp;" in drawn and "<b>" not in drawn
    assert drawn.count('fill="#0072B2"') == 1


def test_a_trend_without_limits_a_year_ago_or_this_period_is_drawn():
    bare = trend(values=(1.0, 2.0, None), year_ago=(None,) * 3, spans=())
    drawn = str(trend_drawn(replace(bare, centre=None, lower=None, upper=None), WIDE, HIGH))
    assert "#0072B2" not in drawn and "#E4E4E4" not in drawn


def test_six_trends_stand_on_a_page_two_in_a_row_in_the_packets_order():
    (page,) = trend_pages(with_trends(6), A_PAGE)
    assert [len(row) for row in page.rows] == [2, 2, 2]
    (odd,) = trend_pages(with_trends(3), A_PAGE)
    assert [len(row) for row in odd.rows] == [2, 1]
    (alone,) = trend_pages(with_trends(1), A_PAGE)
    assert alone.chart == 842 - 90
    assert alone.chart_height > odd.chart_height > page.chart_height


def test_of_more_exceptions_those_that_matter_most_are_charted_and_the_others_named():
    packet = with_trends(8)
    (page,) = trend_pages(packet, A_PAGE)
    ranks = [of.rank for row in page.rows for of in row]
    assert ranks == [6, 5, 4, 3, 2, 1]  # their order is that of the packet
    assert left_out_said(packet, A_PAGE).startswith("Not charted here, 2: Label 0 · Gold; Label 1")
    assert left_out_said(packet, 12) == ""


def test_an_exception_without_earlier_figures_is_named_too():
    packet = with_trends(2)
    first, *rest = packet.exceptions
    packet = replace(packet, exceptions=(replace(first, trend=None), *rest))
    assert left_out_said(packet, A_PAGE) == "Not charted here, 1: Label 0 · Gold."


def test_charts_are_lower_where_more_is_said_around_them_and_never_flat():
    short = with_trends(6)
    wordy = replace(
        short,
        exceptions=tuple(
            replace(i, trend=i.trend and replace(i.trend, record="many words " * 30))
            for i in short.exceptions
        ),
    )
    assert 46 <= trend_pages(wordy, 6)[0].chart_height < trend_pages(short, 6)[0].chart_height


def test_figures_of_a_chart_have_to_be_read_back_where_its_page_is():
    packet = with_trends(2)
    expected = replace(expected_of_packet(packet, ()), texts=(), files={}, least_pages=1)
    assert problems_of(Read(["Nothing of trends"], ""), expected) == []
    said = problems_of(Read(["Exceptions over time"], ""), expected)
    assert '"1 · 2 · 3 h" is expected and not printed' in said


def test_an_edition_from_before_there_were_trends_has_none():
    assert PACKET.trends == ()
    assert trend_pages(PACKET, A_PAGE) == []
    assert expected_of_packet(PACKET, ()).where == {}


def test_an_owners_page_has_its_trends_where_there_is_room_for_all_of_them():
    few = replace(OWNER, strengths=OWNER.strengths[:1], weaknesses=(), affected=(), notes=())
    with_one = replace(few, trends=(trend(owner=""),))
    density, high = setting_with_trends(with_one)
    assert density == 0
    assert LOWEST_TREND <= high <= HIGHEST_TREND
    assert setting_with_trends(few) is None
    assert setting_with_trends(replace(crowded_owner(4, 4), trends=with_one.trends)) is None


def test_narrow_charts_name_only_as_many_periods_as_there_is_room_for():
    weeks = trend(values=tuple(map(float, range(24))), ticks=tuple(str(w) for w in range(21, 45)))
    named = [tick for _x, tick, _year in trend_shape(weeks, LEFT + RIGHT + 160, HIGH).periods]
    assert named[-1] == "44"
    assert 0 < len([t for t in named if t]) < 24
    wide = [tick for _x, tick, _year in trend_shape(weeks, LEFT + RIGHT + 300, HIGH).periods]
    assert all(wide)


class Pages:
    """Lays out packets of so many pages without trends, each six of which are one more."""

    shipped = True

    def __init__(self, bare: int, dense: int) -> None:
        self.bare, self.dense = bare, dense
        self.tried: list[tuple[int, bool, bool]] = []

    def __call__(self, _name, grid):
        self.tried.append((grid.trends, grid.dense, grid.bare))
        count = (self.dense if grid.dense else self.bare) + -(-grid.trends // A_PAGE)
        return SimpleNamespace(pages=[None] * count)


@pytest.mark.parametrize(
    ("trends", "bare", "dense", "settled"),
    [
        (0, 12, 11, (0, False, False)),
        (3, 11, 10, (3, False, False)),
        (9, 11, 10, (6, False, False)),  # a second page of trends would be the thirteenth
        (9, 12, 11, (6, True, False)),
        (9, 14, 12, (0, True, True)),
    ],
)
def test_a_packet_has_fewer_trends_before_it_is_set_densely(trends, bare, dense, settled):
    lay_out = Pages(bare, dense)
    assert len(fit_packet(lay_out, with_trends(trends)).pages) <= 12
    assert lay_out.tried[-1] == settled
