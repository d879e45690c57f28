"""Settings of market entry: who may enter by which channel, and what an application must show."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EntryRules:
    """…_kinds: names of kinds of units; words as in the schema.

    direct_plants: whether a unit that is not distributed must be public. waiver_kinds: kinds that enter directly
    without a subsidy alone. same_type: the distributed new energy of an enterprise enters by one channel.
    contract_ended: the day before which an aggregation contract must end. promise_months: from the start, within
    which a licence may be promised. promise_length: the channel whose promises are held to it. lapsed_stops: what a
    broken promise stops.
    certificate_kinds: kinds that prove green certificates when they enter. not_stated: what is blank and needed.

    Of a case that carries an entry table: offers_by: who has no row is refused, or may offer. factors: of an
    aggregate, by the capacity of its members, or as stated.
    """

    direct_kinds: tuple[str, ...] = ()
    direct_plants: str = "any"
    waiver_kinds: tuple[str, ...] = ()
    aggregated_kinds: tuple[str, ...] = ()
    aggregated_distributed: str = "any"
    same_type: str = "free"
    contract_ended: str = "free"
    licence: str = "free"
    promise_months: int = 0
    promise_months_new_energy: int = 0
    promise_length: str = "free"
    lapsed_stops: str = "nothing"
    certificate_kinds: tuple[str, ...] = ()
    project_code_prefix: str = "any"
    attachment_format: str = "any"
    attachment_most_bytes: int = 10**12
    effective_from: str = "free"
    promise: str = "free"
    not_stated: str = "noted"
    offers_by: str = "entry"
    factors: str = "capacity"


KINDS = ("coal", "gas", "nuclear", "hydro", "pumped_hydro", "wind", "solar", "biomass", "storage", "other")
"""Kinds of units in the order of their numbers, from 1."""
