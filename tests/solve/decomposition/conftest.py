"""Tests marked `oracle` run only when they are asked for, also where this folder is run alone."""

from tests.formulation.conftest import pytest_collection_modifyitems

__all__ = ["pytest_collection_modifyitems"]
