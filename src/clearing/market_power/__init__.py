"""Tests of market power; so far the approved cost that offers are held against."""
