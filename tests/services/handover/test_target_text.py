from __future__ import annotations

import os
import subprocess
import threading
from pathlib import Path

import pytest

from adwarden.domain.errors import InputError
from adwarden.services.handover.target import read_source, write
from adwarden.services.handover.target_text import LIMIT, like, read_bytes

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pipes have no place in a folder there")


def test_a_pipe_is_read_to_its_end() -> None:
    out, into = os.pipe()
    os.write(into, b"a=1\n")
    os.write(into, b"b=2\n")
    os.close(into)
    assert read_source(Path(f"/dev/fd/{out}"), pipes=True) == "a=1\nb=2\n"
    os.close(out)


def test_a_pipe_with_a_name_is_read_whoever_comes_first(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    large = b"x" * LIMIT  # far more than a pipe holds at once
    writer = threading.Thread(target=path.write_bytes, args=(large,))
    writer.start()
    assert read_bytes(path, pipes=True) == large
    writer.join()


def test_a_pipe_without_an_end_is_read_no_further_than_any_file() -> None:
    with subprocess.Popen(["yes"], stdout=subprocess.PIPE) as endless:
        assert endless.stdout is not None
        with pytest.raises(InputError, match="too large"):
            read_bytes(Path(f"/dev/fd/{endless.stdout.fileno()}"), pipes=True)
        endless.kill()


def test_a_pipe_that_gives_nothing_keeps_nobody_waiting(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(InputError, match="does not end"):
        read_bytes(path, pipes=True, patience=0.01)
    out, into = os.pipe()
    os.write(into, b"not all of it")
    with pytest.raises(InputError, match="does not end"):
        read_bytes(Path(f"/dev/fd/{out}"), pipes=True, patience=0.01)
    os.close(into)
    os.close(out)


def test_a_device_is_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="device"):
        read_source(Path("/dev/zero"), pipes=True)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be"])
def test_a_file_keeps_its_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / ".twurlrc"
    mark = "\ufeff" if encoding.startswith("utf-16") else ""
    before = f"{mark}# Müller\na: b\n".encode(encoding)
    path.write_bytes(before)
    old = read_source(path)
    assert not write(path, old, replace=False, merge_of=old).changed
    written = write(path, f"{old}c: d\n", replace=False, merge_of=old)
    assert written.backup is not None
    assert written.backup.read_bytes() == before
    assert path.read_bytes() == f"{mark}# Müller\na: b\nc: d\n".encode(encoding)
    assert read_source(path) == f"{old}c: d\n"


def test_what_has_no_mark_is_written_as_it_is() -> None:
    assert like("é".encode(), b"") == "é".encode()
