"""What generated scenarios are drawn with; a scenario adds its size and its page."""
