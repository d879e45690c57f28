"""Manifests, dashboard and alerts speak of settings and metrics that exist, in sizes that fit one another."""

from __future__ import annotations

import copy
import json
import re
import socket
from typing import Any

import grpc
import kubernetes_validate
import pytest
import yaml
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from clearing.server.main import Service
from clearing.server.servicer import SERVICES
from clearing.server.settings import Settings
from tests.house.test_locks import ROOT, pins

DEPLOY = ROOT / "deploy"
MANIFESTS = list(yaml.safe_load_all((DEPLOY / "kubernetes" / "clearing.yaml").read_text(encoding="utf-8")))
BOARD = json.loads((DEPLOY / "grafana" / "clearing.json").read_text(encoding="utf-8"))
ALERTS = yaml.safe_load((DEPLOY / "prometheus-rules.yaml").read_text(encoding="utf-8"))
CONFIG = (DEPLOY / "service_config.json").read_text(encoding="utf-8")
OURS = re.compile(r"\b((?:clearing|grpc_server)_[a-z_]+)(\{[^}]*\})?")
LABELS = re.compile(r"by \(([^)]*)\)|\{([^}]*)\}")


def of_kind(kind: str) -> dict[str, Any]:
    (found,) = (manifest for manifest in MANIFESTS if manifest["kind"] == kind)
    return found


ENVIRONMENT = of_kind("ConfigMap")["data"]
POD = of_kind("Deployment")["spec"]["template"]["spec"]
(CONTAINER,) = POD["containers"]


@pytest.fixture(scope="module")
def exposition() -> dict[str, set[str]]:
    """Sample name → labels, as a server exposes them once every counter has counted."""
    service = Service(Settings(listen="127.0.0.1:0", threads=1))
    service._watch()
    metrics = service._metrics
    metrics.started.labels("M").inc()
    metrics.handled.labels("M", "OK").inc()
    metrics.seconds.labels("M").observe(1)
    metrics.stage("commit", 1)
    text = generate_latest(metrics.registry).decode()
    return {
        sample.name: set(sample.labels)
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }  # fmt: skip


RELEASES = ("1.29", "1.33", "1.37")
"""Of Kubernetes; autoscaling/v2 and policy/v1 are older than the first."""


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda manifest: str(manifest["kind"]))
def test_every_manifest_is_what_kubernetes_takes(manifest: dict[str, Any], release: str) -> None:
    assert kubernetes_validate.validate(manifest, release, strict=True).startswith(release)


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        ("Deployment", ("spec", "replica"), 2),
        ("Deployment", ("spec", "template", "spec", "containers", 0, "readinessProbe", "periodSeconds"), "10 s"),
        ("HorizontalPodAutoscaler", ("spec", "metrics", 0, "pods", "target", "averageVal"), "2"),
        ("PodDisruptionBudget", ("spec", "minAvailable"), [1]),
        ("NetworkPolicy", ("spec", "egress"), {}),
    ],
)
def test_a_manifest_with_a_slip_is_refused(kind: str, path: tuple[str | int, ...], value: object) -> None:
    manifest: Any = copy.deepcopy(of_kind(kind))
    inner = manifest
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(manifest, RELEASES[-1], strict=True)


def expressions() -> list[str]:
    panels = [target["expr"] for panel in BOARD["panels"] for target in panel["targets"]]
    return panels + [rule["expr"] for group in ALERTS["groups"] for rule in group["rules"]]


@pytest.mark.parametrize("expression", expressions())
def test_dashboard_and_alerts_ask_for_metrics_and_labels_that_exist(
    expression: str, exposition: dict[str, set[str]]
) -> None:
    names = {name for name, _ in OURS.findall(expression)}
    assert names
    assert names <= exposition.keys()
    known = set().union(*(exposition[name] for name in names)) | {"instance"}
    for grouped, selected in LABELS.findall(expression):
        asked = re.findall(r"[a-z_]+", grouped) + re.findall(r"([a-z_]+)\s*=", selected)
        assert set(asked) <= known, expression


def test_every_metric_is_on_the_dashboard(exposition: dict[str, set[str]]) -> None:
    shown = {name for panel in BOARD["panels"] for t in panel["targets"] for name, _ in OURS.findall(t["expr"])}
    families = {re.sub(r"_(total|created|bucket|sum|count)$", "", name) for name in exposition}
    assert families == {re.sub(r"_(total|bucket|sum|count)$", "", name) for name in shown}


def test_label_sets_are_bounded(exposition: dict[str, set[str]]) -> None:
    """Nothing of a caller is a label: neither its name nor an id."""
    assert set().union(*exposition.values()) == {"grpc_method", "grpc_code", "stage", "reason", "cause", "le"}


def test_panels_do_not_lie_on_one_another() -> None:
    cells = [
        (x, y)
        for panel in BOARD["panels"]
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) == 23


def test_the_manifest_sets_settings_that_the_server_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clearing.server.settings.cores", lambda: 4)
    names = {key.removeprefix("CLEARING_").lower() for key in ENVIRONMENT}
    assert names <= set(Settings.model_fields)
    for key, value in ENVIRONMENT.items():
        monkeypatch.setenv(key, value)
    settings = Settings()
    assert settings.secure
    assert settings.auth_keys is not None
    mounted = {mount["mountPath"] for mount in CONTAINER["volumeMounts"]}
    for file in (settings.tls_certificate, settings.tls_key, settings.auth_keys):
        assert str(file.parent) in mounted
    assert {str(p["containerPort"]) for p in CONTAINER["ports"]} == {"50051", str(settings.metrics_port)}


def test_sizes_fit_one_another() -> None:
    workers, threads = (int(ENVIRONMENT[f"CLEARING_{name}"]) for name in ("WORKERS", "THREADS"))
    memory = int(ENVIRONMENT["CLEARING_WORKER_MEMORY_MEGABYTES"])
    for sizes in CONTAINER["resources"].values():
        assert int(sizes["cpu"]) >= workers * threads
        assert int(sizes["memory"].removesuffix("Gi")) * 1024 >= (workers + 1) * memory + 512 + 256  # queue and parent
    assert POD["terminationGracePeriodSeconds"] > float(ENVIRONMENT["CLEARING_DRAIN_SECONDS"])
    assert of_kind("PodDisruptionBudget")["spec"]["minAvailable"] < of_kind("Deployment")["spec"]["replicas"]
    metric = of_kind("HorizontalPodAutoscaler")["spec"]["metrics"][0]["pods"]["metric"]["name"]
    assert metric == "clearing_queue_length"


def test_the_container_runs_without_rights_on_a_read_only_file_system() -> None:
    assert POD["securityContext"]["runAsNonRoot"]
    assert CONTAINER["securityContext"] == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
    }  # fmt: skip
    assert "USER 10001:10001" in (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert POD["securityContext"]["runAsUser"] == 10001


def test_the_image_has_what_settings_may_ask_for() -> None:
    """Tokens and traces are extras; a lock without them would end the server at its start."""
    assert {"pyjwt", "cryptography", "opentelemetry-sdk", "opentelemetry-exporter-otlp-proto-grpc"} <= pins(
        "requirements.lock"
    ).keys()


def test_selectors_select_the_pods() -> None:
    labels = of_kind("Deployment")["spec"]["template"]["metadata"]["labels"]
    assert of_kind("Deployment")["spec"]["selector"]["matchLabels"] == labels
    assert of_kind("Service")["spec"]["selector"] == labels
    assert of_kind("PodDisruptionBudget")["spec"]["selector"]["matchLabels"] == labels


def test_the_retry_policy_is_one_that_grpc_takes_and_names_our_services() -> None:
    tree = json.loads(CONFIG)
    assert {entry["service"] for method in tree["methodConfig"] for entry in method["name"]} == set(SERVICES)
    # An absent server: a policy that grpc cannot read ends a call at once in INTERNAL or UNAVAILABLE "service config".
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with grpc.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.service_config", CONFIG)]) as channel:
        call = channel.unary_unary("/clearing.v1.ClearingService/ListRuleSets")
        with pytest.raises(grpc.RpcError) as caught:
            call(b"", timeout=0.5)
    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED  # it waits for a server, as the policy says
