"""Price-directed decomposition of the SCUC: a certified bound from its units, and schedules from what they agree on."""
