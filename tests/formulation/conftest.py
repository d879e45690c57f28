"""Tests marked `oracle` run only when they are asked for: pytest -m oracle."""

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if "oracle" in config.option.markexpr:
        return
    left_out = [item for item in items if item.get_closest_marker("oracle")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if not item.get_closest_marker("oracle")]
