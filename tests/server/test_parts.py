"""The parts of the server by themselves: envelope, frames, gate, moments, settings, environment, kept incumbent."""

from __future__ import annotations

import asyncio
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from clearing.server import envelope
from clearing.server.admission import Busy, Gate
from clearing.server.environment import numba_cache, worker_environment
from clearing.server.frames import Job, Kind, pack, read
from clearing.server.kept import KeptIncumbent
from clearing.server.settings import Settings, cores, is_loopback
from clearing.server.timeline import Timeline
from clearing.solve import incumbent as incumbents
from clearing.solve.control import Incumbent
from clearing.v1 import clearing_service_pb2 as pb
from tests.server.conftest import ROOT


def test_the_parent_imports_no_solver_and_the_client_no_server() -> None:
    code = (
        "import sys, clearing.client; assert not any(m.startswith('clearing.server') for m in sys.modules);"
        "import clearing.server.embedded; loaded = {m.split('.')[0] for m in sys.modules};"
        "assert not loaded & {'highspy', 'numba'}, loaded; assert 'clearing.pipeline' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("size", [0, 1, 127, 128, 20_000, 3_000_000])
def test_the_envelope_of_a_stream_request_comes_off_without_a_parse(size: int) -> None:
    request = pb.ClearDayAheadRequest(idempotency_id="x" * size)
    message = pb.StreamClearDayAheadRequest(request=request).SerializeToString()
    assert envelope.inner_request(message) == request.SerializeToString()


def test_a_field_that_occurs_twice_is_merged_and_others_are_skipped() -> None:
    one = pb.StreamClearDayAheadRequest(request=pb.ClearDayAheadRequest(idempotency_id="first")).SerializeToString()
    two = pb.StreamClearDayAheadRequest()
    two.request.options.seed = 7
    unknown = b"\x10\x05" + b"\x19" + b"8" * 8 + b"\x25" + b"4" * 4 + b"\x32\x03abc"
    inner = envelope.inner_request(one + unknown + two.SerializeToString())
    merged = pb.ClearDayAheadRequest.FromString(inner)
    assert (merged.idempotency_id, merged.options.seed) == ("first", 7)


@pytest.mark.parametrize(
    "message",
    [b"\x0a", b"\x0a\x05ab", b"\xff" * 11, b"\x0b", b"\x0a\x00" * 17, b"\x19abc", b"\x0a\xff\xff\xff\xff\x7f"],
)
def test_what_is_no_envelope_is_refused(message: bytes) -> None:
    with pytest.raises(envelope.EnvelopeError):
        envelope.inner_request(message)


def test_events_are_what_protobuf_would_write() -> None:
    response = pb.ClearDayAheadResponse()
    response.run_info.request_id = "y" * 300
    event = pb.StreamClearDayAheadResponse.FromString(envelope.result_event(response.SerializeToString()))
    assert event == pb.StreamClearDayAheadResponse(result=response)
    merged = pb.ClearDayAheadResponse.FromString(envelope.with_run_info(response.SerializeToString(), "id", "d", 1.5))
    assert (merged.run_info.request_id, merged.run_info.request_digest, merged.run_info.queue_seconds) == (
        "id",
        "d",
        1.5,
    )


def test_the_run_info_of_worker_and_parent_is_one_field() -> None:
    """Some readers keep the last occurrence of a field instead of merging."""
    response = pb.CheckMarketPowerResponse(case_digest="c", test_seconds=0.5)
    response.run_info.idempotency_id, response.run_info.wall_seconds = "mine", 2.0
    response.groups.add(group_id="g")
    response.groups.add(group_id="h")
    whole = envelope.with_run_info(response.SerializeToString(), "id", "d", 1.5)
    read = pb.CheckMarketPowerResponse.FromString(whole)
    assert (read.run_info.idempotency_id, read.run_info.wall_seconds, read.run_info.request_id) == ("mine", 2.0, "id")
    assert len(whole) == read.ByteSize()  # nothing occurs twice
    read.ClearField("run_info")
    response.ClearField("run_info")
    assert read == response


def test_a_job_survives_its_frame() -> None:
    job = Job("finish_incumbent", b"\x00request", "id", 2.5, b"incumbent\xff", 7)

    async def through() -> Job:
        reader = asyncio.StreamReader()
        reader.feed_data(pack(Kind.RUN, 3, job.to_bytes()))
        frame = await read(reader)
        assert (frame.kind, frame.run) == (Kind.RUN, 3)
        return Job.from_bytes(frame.payload)

    assert asyncio.run(through()) == job


def test_the_gate_counts_bytes_positions_and_frees_both() -> None:
    async def story() -> None:
        gate = Gate(slots=2, queue_length=1, queue_bytes=100)
        first, second, third = gate.enter(), gate.enter(), gate.enter()
        assert [ticket.position for ticket in (first, second, third)] == [0, 0, 1]
        with pytest.raises(Busy):
            gate.enter()
        gate.weigh(first, 90, None)
        with pytest.raises(Busy):
            gate.weigh(second, 11, None)
        await gate.take_slot(first)
        await gate.take_slot(second)
        waits = asyncio.create_task(gate.take_slot(third))
        await asyncio.sleep(0)
        assert (gate.waiting, waits.done()) == (1, False)
        gate.leave(first)
        gate.leave(first)  # harmless
        await asyncio.wait_for(waits, 1)
        gate.weigh(third, 100, None)
        assert gate.inside == 2

    asyncio.run(story())


def test_a_turn_that_would_come_after_the_deadline_is_refused_at_once() -> None:
    async def story() -> None:
        gate = Gate(slots=1, queue_length=5, queue_bytes=100)
        done = gate.enter()
        await gate.take_slot(done)
        assert done.started is not None
        done.started -= 100.0  # it took 100 s
        gate.leave(done)
        running = gate.enter()
        await gate.take_slot(running)
        late = gate.enter()
        assert 20 < gate.predicted_wait(late) <= 30  # the running mean moves by 0.3
        with pytest.raises(Busy) as caught:
            gate.weigh(late, 1, 10.0)
        assert caught.value.retry_seconds > 10
        gate.weigh(late, 1, 60.0)

    asyncio.run(story())


@pytest.mark.parametrize("seconds", [0.01, 0.3, 1.0, 2.0, 5.0, 60.0, 300.0, 3600.0])
def test_moments_of_a_run_follow_one_another_before_the_deadline(seconds: float) -> None:
    moments = Timeline.towards(seconds, 0.0)
    assert 0.0 < moments.answer_by <= moments.takeover_at <= moments.finish_by < moments.last_call < seconds
    if seconds >= 2.5:
        assert seconds - moments.last_call >= 0.6
        assert moments.answer_by < moments.takeover_at < moments.finish_by


def test_the_best_bound_goes_with_the_kept_incumbent_and_never_passes_it() -> None:
    kept = KeptIncumbent()
    assert not kept
    on, mode = np.ones((2, 3), dtype=np.int8), np.zeros((1, 3), dtype=np.int8)
    kept.bounded(70.0)
    kept.found(incumbents.to_bytes(Incumbent(on, mode, 100.0, None)))
    assert kept
    assert kept.incumbent().bound == 70.0
    kept.bounded(60.0)
    assert incumbents.from_bytes(kept.to_bytes()).bound == 70.0
    kept.bounded(100.1)
    assert kept.incumbent().bound == 100.0


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"listen": "0.0.0.0:50051"}, "plaintext"),
        ({"listen": "example.com:50051"}, "plaintext"),
        ({"listen": "[::]:50051"}, "plaintext"),
        ({"listen": "50051"}, "HOST:PORT"),
        ({"listen": "127.0.0.1:"}, "HOST:PORT"),
        ({"workers": cores() + 1, "threads": 1}, "more than"),
        ({"workers": 1, "threads": cores() + 1}, "more than"),
        ({"workers": 0}, "greater than"),
        ({"tls_key": "key.pem"}, "together"),
        ({"tls_client_ca": "ca.pem"}, "needs"),
        ({"budget_seconds": float("nan")}, "finite"),
        ({"unknown": 1}, "Extra"),
    ],
)
def test_settings_that_cannot_be_are_refused(values: dict[str, object], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        Settings.model_validate(values)


def test_settings_come_from_the_environment_and_share_out_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLEARING_LISTEN", "[::1]:0")
    monkeypatch.setenv("CLEARING_QUEUE_LENGTH", "3")
    settings = Settings()
    assert (settings.queue_length, settings.threads_each, settings.budget_seconds) == (3, cores(), 120.0)
    assert is_loopback("localhost:1")
    assert is_loopback("127.1.2.3:1")
    assert not is_loopback("10.0.0.1:1")


def test_workers_get_fixed_threads_and_a_cache_that_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = worker_environment(3, {"PATH": "p", "NUMBA_CACHE_DIR": str(tmp_path / "cache")})
    assert {environment[name] for name in ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS")} == {"3"}
    assert environment["NUMBA_CACHE_DIR"] == str(tmp_path / "cache")
    file = tmp_path / "file"
    file.touch()
    fallback = Path(numba_cache(str(file / "below"), tmp_path))  # cannot be made
    (tmp_path / "prefilled").mkdir()
    (tmp_path / "prefilled" / "kernel.nbi").write_bytes(b"compiled")
    monkeypatch.setattr("clearing.server.environment._writable", lambda _: False)  # root may write anywhere
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    copied = Path(numba_cache(str(tmp_path / "prefilled"), tmp_path))
    monkeypatch.undo()
    assert (copied / "kernel.nbi").read_bytes() == b"compiled"
    assert os.access(fallback, os.W_OK)
    assert fallback.stat().st_mode & 0o022 == 0
    assert numba_cache("", tmp_path) == ""  # beside the sources
    assert Path(numba_cache("", tmp_path / "absent")) == fallback  # sources cannot be written


def told_by(program: str, way: str) -> int:
    """Megabytes that a program of its own process prints."""
    ended = subprocess.run(
        [sys.executable, "-c", program, way], env={**os.environ, "PYTHONPATH": f"{ROOT}/src"}, check=True,
        capture_output=True, text=True,
    )  # fmt: skip
    return int(ended.stdout)


PASSED_THROUGH = """
import sys, psutil
from clearing.server.environment import calm_allocator
if sys.argv[1] == "calm":
    calm_allocator()
before = psutil.Process().memory_info().rss
first = b"x" * (8 << 20)
del first  # from here on glibc by itself takes so many bytes for small
large, small = [], []
for _ in range(16):
    large.append(b"x" * (8 << 20))
    small.append(bytearray(3000))
large.clear()
print((psutil.Process().memory_info().rss - before) >> 20)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another allocator than that of glibc")
@pytest.mark.parametrize(("way", "least", "most"), [("calm", -8, 8), ("as it is", 60, 160)])
def test_what_passed_through_the_parent_does_not_stay(way: str, least: int, most: int) -> None:
    assert least <= told_by(PASSED_THROUGH, way) <= most


FREED = """
import sys, psutil
from clearing.server.environment import give_back
kept, freed = [], []
for _ in range(2000):
    freed.append(bytearray(60_000))
    kept.append(bytearray(600))
del freed
before = psutil.Process().memory_info().rss
if sys.argv[1] == "back":
    give_back()
print((before - psutil.Process().memory_info().rss) >> 20)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another allocator than that of glibc")
@pytest.mark.parametrize(("way", "least", "most"), [("back", 60, 140), ("as it is", -8, 8)])
def test_what_a_worker_has_freed_between_what_stays_is_given_back(way: str, least: int, most: int) -> None:
    assert least <= told_by(FREED, way) <= most


def test_reading_a_large_envelope_is_quick() -> None:
    message = pb.StreamClearDayAheadRequest(
        request=pb.ClearDayAheadRequest(idempotency_id="x" * (32 << 20))
    ).SerializeToString()
    began = time.monotonic()
    envelope.inner_request(message)
    assert time.monotonic() - began < 0.25
