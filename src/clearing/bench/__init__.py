"""Benches: which solver and formulation on which case, and what came of it; nothing here solves."""
