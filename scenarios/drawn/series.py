"""What changes over the day: load, sun, wind and the links, 96 values each, MW."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import PchipInterpolator

from .days import Anchors, Day
from .draws import smooth_noise, stream
from .places import Places
from .size import Size
from .topology import Topology

PERIODS = 96
HOUR = (np.arange(PERIODS) + 0.5) / 4.0
"""Middle of every quarter, hours."""


@dataclass(frozen=True, slots=True)
class Series:
    """load (D, T) at load_bus (D); forecasts of solar and wind sites (sites, T); imports of ties (links, T)."""

    load_bus: np.ndarray
    load: np.ndarray
    solar: np.ndarray
    wind: np.ndarray
    ties: np.ndarray

    def net_load_mw(self) -> np.ndarray:
        """Load less imports and forecasts (T)."""
        less = self.ties.sum(axis=0) + self.solar.sum(axis=0) + self.wind.sum(axis=0)
        return np.asarray(self.load.sum(axis=0) - less)


def series(seed: int, size: Size, day: Day, grid: Topology, places: Places) -> Series:
    """Draw the day. Sizes of sites depend on the seed alone, weather on seed and day."""
    bus, load = _load(seed, day, grid, size.load_times)
    return Series(
        load_bus=bus,
        load=load,
        solar=_solar(seed, day, grid.area[places.solar], size.solar_gw),
        wind=_wind(seed, day, grid.zone[places.wind], size.wind_gw),
        ties=np.round(1000.0 * size.tie_times * np.array(size.tie_share)[:, None] * _blocks(curve(day.tie_gw)), 1),
    )


def curve(anchors: Anchors) -> np.ndarray:
    """Smooth, shape-preserving curve through (hour, value), at the middle of every quarter (T)."""
    hours, values = zip(*anchors, strict=True)
    return np.asarray(PchipInterpolator(hours, values)(HOUR))


def _load(seed: int, day: Day, grid: Topology, times: float) -> tuple[np.ndarray, np.ndarray]:
    """Shares of the source's loads; towns swing more than industry, areas drift apart by a few percent."""
    bus = np.flatnonzero(grid.load_mw > 0.0)
    total = 1000.0 * times * curve(day.load_gw)
    swing = stream(seed, "load").uniform(0.3, 1.7, len(bus))[:, None] * (total / total.mean() - 1.0)
    drift = 0.02 * smooth_noise(stream(seed, "load", day.name), int(grid.area.max()) + 1, PERIODS, 0.97)
    weight = grid.load_mw[bus][:, None] * (1.0 + swing) * (1.0 + drift[grid.area[bus]])
    return bus, np.round(weight * (total / weight.sum(axis=0)), 2)


def site_sizes(seed: int, name: str, count: int, total_gw: float) -> np.ndarray:
    """Rated MW of the sites: log-normal around the mean, at least 10 MW, whole MW."""
    size = np.exp(stream(seed, name).normal(0.0, 0.45, count))
    return np.asarray(np.maximum(np.round(size * 1000.0 * total_gw / size.sum()), 10.0))


def _solar(seed: int, day: Day, area: np.ndarray, total_gw: float) -> np.ndarray:
    """Sine of the sun's height between sunrise and sunset, clouds by area, at most the site's rating."""
    size = site_sizes(seed, "solar", len(area), total_gw)
    rng = stream(seed, "solar", day.name)
    height = np.sin(np.pi * np.clip((HOUR - day.sunrise) / (day.sunset - day.sunrise), 0.0, 1.0)) ** 1.2
    cloud = np.exp(0.06 * smooth_noise(rng, int(area.max()) + 1, PERIODS, 0.95)[area])
    quality = rng.uniform(0.9, 1.1, len(area))[:, None]
    share = np.clip(day.sun_share * height * cloud * quality, 0.0, 1.0)
    return np.where(height > 1e-3, np.round(size[:, None] * share, 2), 0.0)


def _wind(seed: int, day: Day, zone: np.ndarray, total_gw: float) -> np.ndarray:
    """The day's share of rating, weather fronts by zone, gusts by site; the total follows the day's curve."""
    size = site_sizes(seed, "wind", len(zone), total_gw)
    rng = stream(seed, "wind", day.name)
    target = curve(day.wind_share)
    fronts = 0.35 * smooth_noise(rng, int(zone.max()) + 1, PERIODS, 0.985)[zone]
    gusts = 0.08 * smooth_noise(rng, len(zone), PERIODS, 0.9)
    share = target * np.exp(fronts + gusts)
    for _ in range(3):  # sites at their rating leave the rest to the others
        share = np.minimum(share * (target * size.sum() / (size[:, None] * share).sum(axis=0)), 0.95)
    return np.asarray(np.round(size[:, None] * share, 2))


def _blocks(values: np.ndarray) -> np.ndarray:
    """Links keep a schedule for a quarter of an hour but change it by the hour, over two quarters."""
    hourly = np.repeat(values.reshape(24, 4).mean(axis=1), 4)
    return np.convolve(np.pad(hourly, 1, mode="edge"), [0.25, 0.5, 0.25], mode="valid")
