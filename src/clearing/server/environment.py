"""Memory and threads: the parent a calm allocator, a worker fixed threads and a place where numba may cache."""

from __future__ import annotations

import ctypes
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

import clearing

THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
)

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
LARGE_BYTES, ARENAS = 256 << 10, 2
"""malloc.h of glibc. What is large goes back to the machine as soon as it is free."""


def calm_allocator() -> None:
    """Have this process keep little of what it has freed; before it starts threads. Without glibc nothing is done.

    By itself glibc takes for small whatever was freed once, up to 32 MB, and keeps it in heaps of its threads: requests
    of many megabytes that pass through would stay for as long as the server lives.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        for option, value in ((M_MMAP_THRESHOLD, LARGE_BYTES), (M_TRIM_THRESHOLD, LARGE_BYTES), (M_ARENA_MAX, ARENAS)):
            mallopt(option, value)


def give_back() -> None:
    """Return what this process has freed to the machine. Without glibc nothing is done.

    A worker frees hundreds of megabytes after a day, in pieces among others that stay, and would keep them all.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def worker_environment(threads: int, base: Mapping[str, str] | None = None) -> dict[str, str]:
    """Environment of a worker: the parent's, with every thread pool at `threads` and a usable numba cache."""
    environment = dict(os.environ if base is None else base)
    environment.update(dict.fromkeys(THREAD_VARIABLES, str(threads)))
    cache = numba_cache(environment.get("NUMBA_CACHE_DIR", ""), Path(clearing.__file__).parent)
    environment.pop("NUMBA_CACHE_DIR", None)
    if cache:
        environment["NUMBA_CACHE_DIR"] = cache
    return environment


def numba_cache(wanted: str, sources: Path) -> str:
    """Directory for compiled kernels; '' leaves it to numba, which then caches beside the sources.

    On a read-only file system numba fails at import ("cannot cache function") unless it is told where to
    write, even if every kernel is cached already. So an unwritable place is replaced by a directory of this user's
    own under the temporary one, and what was cached there comes along.
    """
    if wanted and _writable(Path(wanted)):
        return wanted
    if not wanted and os.access(sources, os.W_OK):
        return ""
    own = _own_temporary()
    if wanted and os.path.isdir(wanted):
        shutil.copytree(wanted, own, dirs_exist_ok=True)
    return own


def _writable(path: Path) -> bool:
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            return True
    except OSError:
        return False


def _own_temporary() -> str:
    """A directory that is surely ours: numba's cache is unpickled, so nobody else may have made or may write it."""
    path = Path(tempfile.gettempdir()) / f"clearing-numba-{os.getuid()}"
    try:
        path.mkdir(mode=0o700, exist_ok=True)
        status = path.lstat()
        if path.is_dir() and not path.is_symlink() and status.st_uid == os.getuid() and not status.st_mode & 0o022:
            return str(path)
    except OSError:
        pass
    return tempfile.mkdtemp(prefix="clearing-numba-")
