"""A seeded day of a province the size of Shandong; `make.py` is the generator, README.md explains every attribute."""
