"""Scales of the report's charts: round ticks, everything on them, and nothing that divides by nothing."""

import pytest

from loudou.analyze.charts import MARGIN, WIDTH, scale_of, stacked


def labels(scale):
    return [tick["label"] for tick in scale.ticks(lambda value: f"{value:g}")]


def test_ticks_are_round_and_hold_all_values():
    assert labels(scale_of([0.271, 0.389, None])) == ["0.25", "0.3", "0.35", "0.4"]
    assert labels(scale_of([0.0, 1.0], most=1.0)) == ["0", "0.25", "0.5", "0.75", "1"]
    assert labels(scale_of([4_083_804, 1_200_000], from_zero=True)) == ["0", "2e+06", "4e+06", "6e+06"]


def test_the_ends_of_a_scale_are_half_a_label_from_the_edge():
    scale = scale_of([0.0, 1.0])
    assert (scale.place(0.0), scale.place(1.0)) == (MARGIN, WIDTH - MARGIN)
    assert scale.place(7.0) == WIDTH - MARGIN
    assert scale.mark(None) is None


@pytest.mark.parametrize("values", [[1.0, 1.0], [0.0, 0.0], [0.4], [], [None]])
def test_one_value_alone_has_a_scale_too(values):
    scale = scale_of(values, most=1.0)
    assert scale.low < scale.high <= 1.0
    for value in values:
        assert value is None or MARGIN <= scale.place(value) <= WIDTH - MARGIN


def test_a_bar_is_never_too_thin_to_be_seen():
    assert scale_of([0.0, 1.0]).bar(0.5, 0.5001)["width"] == 2.0


def test_parts_fill_the_whole_width():
    parts = stacked([1, 1, 2])
    assert [part["width"] for part in parts] == [WIDTH / 4, WIDTH / 4, WIDTH / 2]
    assert parts[2]["x"] == WIDTH / 2
    assert stacked([0, 0]) == [{"x": 0.0, "width": 0.0}] * 2
