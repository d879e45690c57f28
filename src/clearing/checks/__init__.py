"""An audit of anybody's schedule and prices, made from the case and the rules alone."""
