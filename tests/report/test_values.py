from __future__ import annotations

import json

import numpy as np

from clearing.report import values

LABELS = tuple(f"{h:02d}:00" for h in range(1, 25))


def test_numbers_have_no_nan_infinity_or_minus_zero() -> None:
    text = json.dumps(values.numbers(np.array([1.23456, np.nan, np.inf, -np.inf, -0.0001])), allow_nan=False)
    assert text == "[1.235, null, null, null, 0.0]"


def test_names_cannot_be_markup_in_a_plot() -> None:
    assert values.plot_name("<a href='x'>&amp;</a>") == "&lt;a href='x'&gt;&amp;amp;&lt;/a&gt;"


def test_amount_uses_a_true_minus_and_never_shows_minus_zero() -> None:
    assert values.amount(-1234.5, 1) == "−1,234.5"
    assert values.amount(-0.001, 2) == "0.00"
    assert values.amount(None) == values.amount(float("nan")) == values.amount(float("inf")) == "–"


def test_percent() -> None:
    assert values.percent(0.00423, 3) == "0.423 %"
    assert values.percent(-1e-16, 4) == "0.0000 %"
    assert values.percent(-0.01) == "-1.00 %"
    assert values.percent(None) == "–"


def test_spans_join_neighbours_and_count_the_rest() -> None:
    assert values.spans([2, 0, 1, 1], LABELS) == "01:00–03:00"
    assert values.spans([0, 2, 3, 23], LABELS) == "01:00, 03:00–04:00, 24:00"
    assert values.spans([0, 2, 4, 6, 8, 10], LABELS) == "01:00, 03:00, 05:00, 07:00 and 2 more runs"
    assert values.spans([-1], LABELS) == "–"


def test_ticks_end_with_the_last_period_of_a_day() -> None:
    axis = values.ticks(LABELS)
    assert axis["tickvals"] == list(LABELS[1::2])
    assert axis["categoryarray"] == list(LABELS)


def test_long_labels_are_written_half_as_often() -> None:
    two_days = (*LABELS, *(f"D+1 {label}" for label in LABELS))
    assert values.ticks(two_days, 6)["tickvals"] == ["16:00", "D+1 08:00", "D+1 24:00"]


def test_long_names_are_cut_in_the_middle() -> None:
    assert values.short("a" * 20 + "b" * 20) == "a" * 19 + "…" + "b" * 8
    assert values.short("short") == "short"
