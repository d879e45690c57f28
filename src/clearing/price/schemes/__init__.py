"""Prices by other schemes beside the LMP, with the uplift that each of them leaves."""
