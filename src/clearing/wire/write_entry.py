"""A judged application → the reply of CheckEntry."""

from __future__ import annotations

from collections.abc import Sequence

from clearing.admission.entry_orders import PROMPTS, Section, Span, WorkOrder
from clearing.admission.entry_tables import Asked
from clearing.case.entry import day_text
from clearing.case.finding import Finding, Severity
from clearing.rules.rules import Rules
from clearing.v1 import entry_pb2 as pb2
from clearing.wire import encode

WATTS_OF_MW = 1e6


def write(
    asked: Asked | None,
    sections: Sequence[Section],
    order: WorkOrder | None,
    spans: Sequence[Span],
    findings: Sequence[Finding],
    rules: Rules | None,
) -> bytes:
    """A serialised CheckEntryResponse. asked: None where the request is too broken to show anything."""
    pb = pb2.CheckEntryResponse(
        valid=not any(each.severity is Severity.ERROR for each in findings),
        findings=[encode.finding(each) for each in findings],
        rules=None if rules is None else encode.rule_echo(rules),
    )
    if asked is not None and rules is not None:
        pb.screen.CopyFrom(_screen(asked, sections))
        pb.entry.CopyFrom(_entry(asked, spans))
    if asked is not None and order is not None:
        pb.work_order.CopyFrom(_order(asked, order))
    return pb.SerializeToString(deterministic=True)


def _screen(asked: Asked, sections: Sequence[Section]) -> pb2.EntryScreen:
    channel = asked.application.channel
    return pb2.EntryScreen(
        unit=asked.units.id,
        section=[int(each) for each in sections],  # type: ignore[misc]
        selectable=[int(each in (Section.NOT_ENTERED, Section.TO_CHANGE)) for each in sections],
        prompt=[PROMPTS.get((channel, each), "") for each in sections],
    )


def _order(asked: Asked, order: WorkOrder) -> pb2.EntryWorkOrder:
    return pb2.EntryWorkOrder(
        number=order.number,
        name=order.name,
        day=day_text(asked.application.day),
        state=int(order.state),  # type: ignore[arg-type]
        promise=order.promise,
        new_unit=[asked.units.id[row] for row in order.new],
        changed_unit=[asked.units.id[row] for row in order.changed],
    )


def _entry(asked: Asked, spans: Sequence[Span]) -> pb2.MarketEntry:
    return pb2.MarketEntry(
        resource=[asked.units.id[span.row] for span in spans],
        channel=[int(span.channel) for span in spans],  # type: ignore[misc]
        first_day=[day_text(span.first_day) for span in spans],
        last_day=[day_text(span.last_day) for span in spans],
        aggregate=[span.aggregate for span in spans],
        capacity_mw=[int(asked.units.capacity_w[span.row]) / WATTS_OF_MW for span in spans],
    )
