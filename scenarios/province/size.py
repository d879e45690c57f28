"""Shandong's size: about 200 thermal units, 660 sites, 40–80 GW of load."""

from __future__ import annotations

from ..drawn.size import Size

PROVINCE = Size(
    name="province",
    network="case_ACTIVSg2000.m",
    units=(12, 32, 116, 34, 6),
    nuclear_mw=(1160, 1160, 1400, 1400),
    solar_sites=405,
    wind_sites=255,
    solar_gw=36.0,
    wind_gw=26.0,
    batteries=65,
    pumped_mw=(1000.0, 1200.0, 1800.0),
    ties=("uhvdc-north", "uhvdc-west", "hvdc-ningdong", "uhvdc-long", "ac-hebei"),
    tie_share=(0.26, 0.26, 0.16, 0.22, 0.1),
    load_times=1.0,
    tie_times=1.0,
    spare_mw=3000.0,
    interfaces=40,
    tight_branches=4,
    tight_interfaces=2,
    support_areas=3,
    secured_kv=230.0,
)
