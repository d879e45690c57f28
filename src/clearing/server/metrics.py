"""What Prometheus reads: bounded label sets, a registry of its own a server."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from clearing.v1 import report_pb2

CALL_BUCKETS = (0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 900)
STAGE_BUCKETS = (0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300)
GAP_BUCKETS = (0, 1e-6, 1e-5, 1e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 0.1)
REFUSALS = ("queue", "bytes", "caller", "deadline", "streams")
CAUSES = ("lost", "killed", "too_big", "worn")
STAGES = ("decode", "form", "commit", "dispatch", "price", "audit", "encode")


class Metrics:
    """Counters and histograms of one server; names as go-grpc-prometheus has them."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.started = Counter("grpc_server_started", "RPCs started.", ("grpc_method",), registry=self.registry)
        self.handled = Counter(
            "grpc_server_handled", "RPCs completed, by status.", ("grpc_method", "grpc_code"), registry=self.registry
        )
        self.seconds = Histogram(
            "grpc_server_handling_seconds",
            "Seconds from the first byte of an RPC to its status.",
            ("grpc_method",),
            buckets=CALL_BUCKETS,
            registry=self.registry,
        )
        self.stage_seconds = Histogram(
            "clearing_stage_seconds",
            "Seconds of a stage of a run.",
            ("stage",),
            buckets=STAGE_BUCKETS,
            registry=self.registry,
        )

        self.refused = Counter(
            "clearing_refused", "RPCs refused for want of room, by reason.", ("reason",), registry=self.registry
        )
        self.worker_ends = Counter(
            "clearing_worker_ends", "Worker processes that ended, by cause.", ("cause",), registry=self.registry
        )
        self.gap = Histogram(
            "clearing_relative_gap", "Relative gap of answers.", buckets=GAP_BUCKETS, registry=self.registry
        )
        self.violations = Counter(
            "clearing_violated_answers", "Answers that report violated limits.", registry=self.registry
        )
        for reason in REFUSALS:
            self.refused.labels(reason)
        for cause in CAUSES:
            self.worker_ends.labels(cause)

    def watch(self, name: str, text: str, value: Callable[[], float]) -> None:
        """A gauge that is read when Prometheus asks."""
        Gauge(name, text, registry=self.registry).set_function(value)

    def answered(self, ended: report_pb2.Progress) -> None:
        """Gap and violations of an answer, from the last progress of its run."""
        if ended.HasField("gap"):
            self.gap.observe(ended.gap)
        if ended.violations:
            self.violations.inc()

    def stage(self, stage: str, seconds: float) -> None:
        """One stage of a run ended."""
        self.stage_seconds.labels(stage if stage in STAGES else "other").observe(seconds)
