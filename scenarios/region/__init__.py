"""A seeded day of a region of three provinces; `make.py` is the generator, README.md says what differs."""
