"""Pumped hydro → proto."""

from __future__ import annotations

from clearing.case.case import Case
from clearing.v1 import case_pb2, storage_pb2
from clearing.wire.columns import column, names, series


def pumped_hydro(case: Case, pb: case_pb2.Case) -> None:
    """Units and reservoirs, where the case has any."""
    table, periods = case.pumped_hydro, case.horizon.periods
    if not (table.id or table.reservoir_id):
        return
    pb.pumped_hydro.CopyFrom(
        storage_pb2.PumpedHydro(
            id=table.id,
            plant=names(table.plant, case.participants.plant_id),
            owner=names(table.owner, case.participants.owner_id),
            bus=names(table.bus, case.network.bus_id),
            reservoir=names(table.reservoir, table.reservoir_id),
            generate_min_mw=series(table.generate_min_mw, periods),
            generate_max_mw=series(table.generate_max_mw, periods),
            pump_mw=column(table.pump_mw),
            generate_efficiency=column(table.generate_efficiency),
            pump_efficiency=column(table.pump_efficiency),
            market_share=column(table.market_share),
            initial_mode=column(table.initial_mode),
            initial_minutes=column(table.initial_minutes),
            changeover_minutes=column(table.changeover_minutes),
            max_mode_changes=column(table.max_mode_changes),
            pump_price_per_mwh=series(table.pump_price_per_mwh, periods),
            generate_price_per_mwh=series(table.generate_price_per_mwh, periods),
            reservoir_id=table.reservoir_id,
            reservoir_min_mwh=column(table.reservoir_min_mwh),
            reservoir_max_mwh=column(table.reservoir_max_mwh),
            reservoir_initial_mwh=column(table.reservoir_initial_mwh),
            reservoir_final_min_mwh=column(table.reservoir_final_min_mwh),
            reservoir_final_max_mwh=column(table.reservoir_final_max_mwh),
            reservoir_inflow_mw=series(table.reservoir_inflow_mw, periods),
        )
    )
