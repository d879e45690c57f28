"""The market day: what runs after what, and what day-ahead and real time pay together. Tables alone."""
