"""Families that only steer commitment: SCED does not pay for them."""

STEERING = ("system_", "group_on", "unit_", "plant_", "start_", "stop_", "switching", "mode_changes")
"""How their names begin."""
