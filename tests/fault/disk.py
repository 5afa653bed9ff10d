"""Two ways to have a full disk: a limit on the size of a process's files, and a small disk."""

import contextlib
import resource
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

SMALL_DISK_BYTES = 24 * 1024 * 1024


class Disk(Protocol):
    """A folder to put data into, on a disk that can be filled for a process."""

    folder: Path

    def fill(self, pid: int) -> None:
        """Leave no room."""

    def free(self, pid: int) -> None:
        """Make room again."""


class SizeLimit:
    """No file of the process may grow any more (setrlimit(2), RLIMIT_FSIZE): writes fail."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self, pid: int) -> None:
        largest = max(file.stat().st_size for file in self.folder.rglob("*") if file.is_file())
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))

    def free(self, pid: int) -> None:
        unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, unlimited)


class SmallDisk:
    """A small file system in memory, filled up by one more file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self, _pid: int) -> None:
        filler = (self.folder / "filler").open("wb", buffering=0)
        with filler, contextlib.suppress(OSError):
            while True:
                filler.write(b"\0" * 4096)

    def free(self, _pid: int) -> None:
        (self.folder / "filler").unlink()


def may_mount() -> bool:
    """Whether this process is allowed to mount a small disk."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            with small_disk(Path(folder) / "disk"):
                return True
        except PermissionError:
            return False


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[SmallDisk]:
    """Mount one while the block lasts; PermissionError where that is not allowed."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK_BYTES}", "tmpfs", str(folder)]
    tried = subprocess.run(command, check=False, stderr=subprocess.DEVNULL)
    if tried.returncode:
        raise PermissionError("mounting a tmpfs")
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", str(folder)], check=True)
