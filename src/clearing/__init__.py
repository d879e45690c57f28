"""Stateless clearing of nodal electricity markets."""

from importlib.metadata import version

__version__ = version("clearing")
