"""The worked month and year as requests, and what the pipeline answers."""

from __future__ import annotations

from pathlib import Path

from google.protobuf import json_format

from clearing import pipeline
from clearing.v1 import substitution_metering_pb2 as pb2

WORKED = Path(__file__).parent / "worked"


def month() -> pb2.MeterSubstitutionRequest:
    """November 2016 of worked/README.md."""
    return json_format.Parse((WORKED / "month.json").read_text(encoding="utf-8"), pb2.MeterSubstitutionRequest())


def year() -> pb2.SettleSubstitutionDeviationRequest:
    """September to December 2016 of worked/README.md."""
    text = (WORKED / "year.json").read_text(encoding="utf-8")
    return json_format.Parse(text, pb2.SettleSubstitutionDeviationRequest())


def metered(request: pb2.MeterSubstitutionRequest) -> pb2.MeterSubstitutionResponse:
    """The month, metered by the pipeline."""
    return pb2.MeterSubstitutionResponse.FromString(pipeline.meter_substitution(request.SerializeToString()))


def settled(request: pb2.SettleSubstitutionDeviationRequest) -> pb2.SettleSubstitutionDeviationResponse:
    """The year, settled by the pipeline."""
    raw = pipeline.settle_substitution_deviation(request.SerializeToString())
    return pb2.SettleSubstitutionDeviationResponse.FromString(raw)
