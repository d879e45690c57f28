"""Limits on prices after the day: the secondary limit of Fujian, and deviation charges that its clauses price."""
