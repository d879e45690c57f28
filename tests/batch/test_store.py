"""The folder of a batch: whole or not there, and held by one process."""

from __future__ import annotations

from pathlib import Path

import pytest

from clearing.batch.store import Store, write
from clearing.formats.findings import FormatError


def finish(store: Store) -> None:
    write(store.table_path("prices", "d1"), b"table")
    store.finish("d1", "run", b"result", {"tables": {"prices": True, "flows": False}})


def test_finished_needs_every_part(tmp_path: Path) -> None:
    with Store(tmp_path).held() as store:
        assert store.finished("d1") is None
        finish(store)
        assert store.finished("d1") is not None
        store.result_path("d1").write_bytes(b"resulT")
        assert store.finished("d1") is None
        finish(store)
        store.table_path("prices", "d1").unlink()
        assert store.finished("d1") is None
        finish(store)
        store.result_path("d1").unlink()
        assert store.finished("d1") is None
        finish(store)
        (tmp_path / "records" / "d1.json").write_text("{", encoding="utf-8")
        assert store.finished("d1") is None


def test_failures_add_up_until_the_run_is_finished(tmp_path: Path) -> None:
    name = "../ 名 <b>"
    with Store(tmp_path).held() as store:
        store.fail(name, [{"code": "A"}])
        store.fail(name, [{"code": "B"}])
        assert store.failure(name) == {"run": name, "attempts": [{"code": "A"}, {"code": "B"}]}
        write(store.table_path("prices", "d1"), b"table")
        store.finish("d1", name, b"", {"tables": {}})
        assert store.failure(name) is None


def test_one_process_at_a_time(tmp_path: Path) -> None:
    with Store(tmp_path).held(), pytest.raises(FormatError) as refused, Store(tmp_path).held():
        pass
    assert refused.value.findings[0].code == "OUT_IN_USE"
    with Store(tmp_path).held():
        pass


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write(path, b"before")

    def broken(partial: Path) -> None:
        partial.write_bytes(b"ha")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write(path, broken)
    assert path.read_bytes() == b"before"
