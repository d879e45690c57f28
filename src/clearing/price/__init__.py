"""Prices and what follows from them."""
