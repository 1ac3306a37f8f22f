"""Decoding in the sandbox: the same samples, every limit, and nothing left of processes that were ended."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from sonograph.errors import Unavailable
from sonograph.recognition.audio.decode import decode
from sonograph.recognition.audio.faults import TooLong, Unreadable
from sonograph.recognition.audio.job import Job, Limits
from sonograph.recognition.audio.pcm import FINGERPRINT, Form, Samples
from sonograph.recognition.audio.sandboxed import Sandbox
from tests.recognition.sounds import encoded, film, flac_of_silence, kept, music


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return kept(tmp_path_factory.mktemp("song"), "song", encoded(music(20.0), "flac", "flac"))


@pytest.fixture(scope="module")
def bomb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """24 hours of silence in a FLAC file of 180 kB that does not say how long it is."""
    frames = 24 * 3600 * 8000 // 65535
    path = kept(tmp_path_factory.mktemp("bomb"), "bomb", flac_of_silence(frames))
    assert path.stat().st_size < 250_000
    return path


def read(sandbox: Sandbox, path: Path, form: Form = FINGERPRINT, length: float | None = None) -> Samples:
    with sandbox.opened(path, form, length=length) as audio:
        return audio.read()


def jobs() -> list[psutil.Process]:
    """Processes of jobs: children of the fork server. A database that other tests started has children, too."""
    servers = [p for p in psutil.Process().children() if any("forkserver" in word for word in p.cmdline())]
    return [job for server in servers for job in server.children(recursive=True)]


def nothing_runs() -> bool:
    deadline = time.monotonic() + 10
    while jobs():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def test_the_same_samples_as_outside(sandbox: Sandbox, song: Path) -> None:
    assert np.array_equal(read(sandbox, song), np.concatenate(list(decode(song))))
    floats = Form(22050, "flt")
    assert np.array_equal(read(sandbox, song, floats, 2.5), np.concatenate(list(decode(song, floats, length=2.5))))
    with sandbox.opened(song, start=5.0, length=1.0) as audio:
        assert (audio.info.codec, audio.info.seconds) == ("flac", 20.0)
        assert np.array_equal(audio.read(), np.concatenate(list(decode(song, start=5.0, length=1.0))))


def test_a_file_that_is_open_already(sandbox: Sandbox, song: Path) -> None:
    with song.open("rb") as file:
        file.read(1000)
        with sandbox.opened(file) as audio:
            assert len(audio.read()) == 20 * 11025


def test_the_sound_of_a_film(sandbox: Sandbox, tmp_path: Path) -> None:
    assert len(read(sandbox, kept(tmp_path, "film", film(music(3.0))))) == pytest.approx(3 * 11025, rel=0.05)


@pytest.mark.parametrize("content", [b"", b"no music", np.random.default_rng(3).bytes(100_000), film(None)])
def test_what_is_no_sound(sandbox: Sandbox, tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Unreadable):
        read(sandbox, kept(tmp_path, "file", content))


def test_a_playlist_opens_nothing(sandbox: Sandbox, song: Path, tmp_path: Path) -> None:
    for text in (f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{song}\n", f"ffconcat version 1.0\nfile {song}\n"):
        with pytest.raises(Unreadable):
            read(sandbox, kept(tmp_path, "list.m3u8", text.encode()))


def test_a_bomb_is_too_long(sandbox: Sandbox, bomb: Path) -> None:
    with pytest.raises(TooLong, match="120 minutes"):
        read(sandbox, bomb)
    assert nothing_runs()


def test_what_says_that_it_is_too_long_is_not_decoded(song: Path) -> None:
    with Sandbox(limits=Limits(seconds=19)) as short:
        with pytest.raises(TooLong), short.opened(song):
            pytest.fail("nothing was to be decoded")
        assert len(read(short, song, length=10)) == 10 * 11025


def test_the_beginning_of_a_long_file_is_enough_where_that_was_asked(sandbox: Sandbox, bomb: Path) -> None:
    assert not read(sandbox, bomb, length=30).any()


def test_cpu_time_is_limited(bomb: Path) -> None:
    with Sandbox(limits=Limits(seconds=1e6, cpu=1)) as tight, pytest.raises(TooLong), tight.opened(bomb) as audio:
        for _ in audio.blocks:
            pass
    assert nothing_runs()


def test_wall_time_is_limited(bomb: Path) -> None:
    with Sandbox(limits=Limits(wall=0.3)) as tight:
        with tight.opened(bomb, length=7000) as audio:
            next(audio.blocks)
            time.sleep(0.5)  # the pipe is full meanwhile: the process waits, and uses no CPU time
            with pytest.raises(TooLong):
                audio.read()
        assert nothing_runs()


def test_memory_is_limited(tmp_path: Path) -> None:
    size = 200 << 20  # of a cover picture, which FFmpeg reads into memory; all zeros, and a sparse file
    sync_safe = bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))
    bytes_of = bytes((size + 64) >> shift & 0x7F for shift in (21, 14, 7, 0))
    path = kept(tmp_path, "cover", b"ID3\4\0\0" + bytes_of + b"APIC" + sync_safe + b"\0\0" + b"\0image/png\0\3\0")
    os.truncate(path, size + 74)
    with path.open("ab") as file:
        file.write(encoded(music(20.0), "mp3", "libmp3lame"))
    with Sandbox(limits=Limits(memory=16 << 20)) as tight, tight.opened(path) as audio:
        (job,) = jobs()  # it waits for us: the pipe takes three seconds of sound
        assert job.memory_info().vms < psutil.Process(job.ppid()).memory_info().vms + (17 << 20)
        assert len(audio.read()) > 11025  # without the picture


def test_memory_beyond_the_limit_is_not_given() -> None:
    program = (
        "import numpy, sys\n"
        "from sonograph.recognition.audio.work import Limits, confine, mapped_bytes, warm_up\n"
        "warm_up()\n"
        "confine(Limits(memory=64 << 20), mapped_bytes())\n"
        "numpy.ones(16 << 20, numpy.int8)\n"
        "try:\n"
        "    numpy.ones(80 << 20, numpy.int8)\n"
        "except MemoryError:\n"
        "    sys.exit(33)\n"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 33


def test_a_reader_who_leaves_ends_the_process(sandbox: Sandbox, bomb: Path) -> None:
    with sandbox.opened(bomb, length=3600) as audio:
        next(audio.blocks)
        assert jobs()
    assert nothing_runs()


def test_a_process_that_is_killed_harms_nobody(sandbox: Sandbox, bomb: Path, song: Path) -> None:
    with sandbox.opened(bomb, length=7000) as audio:
        next(audio.blocks)
        (job,) = jobs()
        job.send_signal(signal.SIGSEGV)
        with pytest.raises(Unreadable):
            audio.read()
    assert len(read(sandbox, song)) == 20 * 11025


def test_a_fork_server_that_is_killed_is_started_anew(sandbox: Sandbox, bomb: Path, song: Path) -> None:
    with sandbox.opened(bomb, length=7000) as audio:
        next(audio.blocks)
        (job,) = jobs()
        server = psutil.Process(job.ppid())
        job.suspend()
        server.kill()
        server.wait()
        job.kill()
        with pytest.raises(Unavailable):
            audio.read()
    assert len(read(sandbox, song)) == 20 * 11025


def test_places_are_limited(bomb: Path) -> None:
    with Sandbox(places=1) as single, single.opened(bomb, length=7000) as audio:
        next(audio.blocks)
        with pytest.raises(Unavailable), single.opened(bomb, patience=0.05):
            pytest.fail("there was a second place")


def test_many_threads_use_one_sandbox(sandbox: Sandbox, song: Path) -> None:
    expected = np.concatenate(list(decode(song)))
    equal: list[bool] = []
    threads = [
        threading.Thread(target=lambda: equal.append(np.array_equal(read(sandbox, song), expected))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert equal == [True] * 8


def test_nothing_is_left_behind(song: Path) -> None:
    assert nothing_runs()
    mine = psutil.Process()
    before, descriptors = len(mine.children(recursive=True)), mine.num_fds()
    with Sandbox() as short_lived:
        for _ in range(3):
            read(short_lived, song, length=1)
    assert len(mine.children(recursive=True)) == before
    assert mine.num_fds() == descriptors


def test_jobs_can_open_nothing_and_know_no_secrets(song: Path, monkeypatch: pytest.MonkeyPatch, bomb: Path) -> None:
    monkeypatch.setenv("SONOGRAPH_DATABASE_URL", "postgresql://secret")
    with Sandbox() as fresh, fresh.opened(bomb, length=7000) as audio:
        next(audio.blocks)
        (job,) = jobs()
        assert "SONOGRAPH_DATABASE_URL" not in job.environ()
        assert job.rlimit(psutil.RLIMIT_NOFILE) == (0, 0)
        assert job.rlimit(psutil.RLIMIT_FSIZE) == (0, 0)
        files = {file.path for file in job.open_files()}
        assert files <= {str(bomb)}
        assert not job.net_connections(kind="all")
        assert len(read(fresh, song, length=1)) == 11025


def test_jobs_pack_and_unpack() -> None:
    job = Job(FINGERPRINT, 1.5, 2.5, Limits(seconds=9, memory=1, cpu=2, wall=3.5))
    assert len(job.packed()) == Job.SIZE
    back = Job.unpacked(job.packed())
    assert (back.form.rate, dict(back.form.resampler)) == (11025, dict(FINGERPRINT.resampler))
    assert (back.start, back.length, back.limits) == (job.start, job.length, job.limits)
