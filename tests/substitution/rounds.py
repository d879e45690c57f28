"""The golden round as a request, and what the pipeline answers."""

from __future__ import annotations

from pathlib import Path

from google.protobuf import json_format

from clearing import pipeline
from clearing.v1 import substitution_pb2 as pb2

GOLDEN = Path(__file__).parent / "golden"
LATE_PARTIES = ("brine", "carbide", "ester", "flux")
LATE_SITES = ("h2", "t2", "v2", "k2")


def golden(method: int = pb2.SUBSTITUTION_METHOD_HIGH_LOW, price_mode: int = 1) -> pb2.ClearSubstitutionRequest:
    """The round of golden/README.md; of a listing all variations are the listed one and times make two cycles."""
    text = (GOLDEN / "round.json").read_text(encoding="utf-8")
    pb = json_format.Parse(text, pb2.ClearSubstitutionRequest())
    pb.round.method, pb.round.price_mode = method, price_mode  # type: ignore[assignment]
    if method == pb2.SUBSTITUTION_METHOD_LISTING:
        for offers, parties, late in (
            (pb.round.captive_offers, pb.round.captive_offers.enterprise, LATE_PARTIES),
            (pb.round.site_offers, pb.round.site_offers.site, LATE_SITES),
        ):
            offers.variation_milli[:] = [pb.round.listed_variation_milli] * len(parties)
            offers.submitted_ms[:] = [50 if party in late else 20 for party in parties]
    return pb


def setting(pb: pb2.ClearSubstitutionRequest, name: str, value: object) -> pb2.ClearSubstitutionRequest:
    """The request with a setting of the round."""
    pb.rules.name = "xinjiang"
    pb.rules.overrides.add(key=f"substitution.{name}", value=str(value))
    return pb


def cleared(pb: pb2.ClearSubstitutionRequest) -> pb2.ClearSubstitutionResponse:
    """The round, cleared by the pipeline."""
    return pb2.ClearSubstitutionResponse.FromString(pipeline.clear_substitution(pb.SerializeToString()))


def judged(pb: pb2.ClearSubstitutionRequest) -> pb2.ValidateSubstitutionRoundResponse:
    """The round, judged by the pipeline."""
    asked = pb2.ValidateSubstitutionRoundRequest(rules=pb.rules, round=pb.round)
    raw = pipeline.validate_substitution_round(asked.SerializeToString())
    return pb2.ValidateSubstitutionRoundResponse.FromString(raw)


def energy(reply: pb2.ClearSubstitutionResponse) -> dict[str, int]:
    """Captive offer → energy cleared, kWh."""
    return {offer: kwh for own in reply.captives for offer, kwh in zip(own.offer, own.cleared_kwh, strict=True)}


def of_parties(reply: pb2.ClearSubstitutionResponse) -> dict[str, tuple[int, int, int]]:
    """Party with energy → energy, variation, price."""
    found = {own.enterprise: (own.substitution_kwh, own.variation_milli, own.price_milli) for own in reply.captives}
    for of in reply.sites:
        rows = zip(of.site, of.cleared_kwh, of.variation_milli, of.price_milli, strict=True)
        found |= {site: (kwh, variation, price) for site, kwh, variation, price in rows}
    return {party: values for party, values in found.items() if values[0]}
