"""Stateless clearing of nodal electricity markets."""
