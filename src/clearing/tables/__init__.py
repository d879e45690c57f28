"""A result as tables of pandas: one room for what files, report and client show."""

from clearing.tables.tables import Tables

__all__ = ["Tables"]
