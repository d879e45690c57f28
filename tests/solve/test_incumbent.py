"""Incumbents as bytes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearing.solve.control import Incumbent
from clearing.solve.incumbent import from_bytes, to_bytes


@given(
    st.integers(0, 7), st.integers(0, 3), st.integers(0, 11), st.integers(0, 2**32 - 1),
    st.floats(allow_nan=False, allow_infinity=False), st.none() | st.floats(allow_nan=False, allow_infinity=False),
)  # fmt: skip
def test_what_goes_out_comes_back(n: int, g: int, t: int, seed: int, objective: float, bound: float | None) -> None:
    rng = np.random.default_rng(seed)
    on, mode = rng.integers(0, 2, (n, t)).astype(np.int8), rng.integers(0, 2, (g, t)).astype(np.int8)
    data = to_bytes(Incumbent(on, mode, objective, bound))
    back = from_bytes(data)
    assert back.on.shape == (n, t)
    assert back.storage_mode.shape == (g, t)
    assert np.array_equal(back.on, on)
    assert np.array_equal(back.storage_mode, mode)
    assert (back.objective, back.bound) == (objective, bound)
    assert back.on.dtype == np.int8


def test_a_day_of_500_units_is_a_few_kilobytes() -> None:
    on = np.ones((500, 96), dtype=np.int8)
    assert len(to_bytes(Incumbent(on, np.zeros((0, 96), np.int8), 1.0, None))) < 6100


@pytest.mark.parametrize("cut", [0, 5, -1])
def test_bytes_of_the_wrong_length_are_refused(cut: int) -> None:
    data = to_bytes(Incumbent(np.ones((3, 5), np.int8), np.zeros((1, 5), np.int8), 1.0, 0.5))
    with pytest.raises(ValueError, match="incumbent"):
        from_bytes(data[:cut])
    with pytest.raises(ValueError, match="length"):
        from_bytes(data + b"\0")
