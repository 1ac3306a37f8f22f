"""A PostgreSQL server of our own, in a folder: started when it is first needed, shared by the processes that use it."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Self
from urllib.parse import quote

import psutil

from sonograph.errors import Misconfigured, Unavailable
from sonograph.postgres import cluster, socket_folder
from sonograph.postgres.binaries import Binaries
from sonograph.postgres.folder_lock import exclusive, open_own, share, taken
from sonograph.postgres.processes import PostmasterFile, end_leftovers, gone_within, processes_in, send
from sonograph.postgres.server_log import ServerLog
from sonograph.postgres.server_user import ServerUser, user_name

_log = logging.getLogger(__name__)

START_SECONDS = 300  # a server that was killed replays up to max_wal_size (1 GB) first
STOP_SECONDS = 60  # a fast shutdown writes out what is in memory: 256 MB
DEAF_SECONDS = 5  # how long a server that says "ready" may have no socket before we restart it
LOCK_SECONDS = START_SECONDS + STOP_SECONDS
PAUSE = 0.01
REAP_SECONDS, LOG_SECONDS = 1, 60  # how often a child is reaped, and the log measured

SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "random_page_cost": "1.1",  # solid-state disks; 4.0 is for spinning ones
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u@%d ",
    "log_checkpoints": "off",
    "log_min_error_statement": "panic",  # a failed statement may be a megabyte of somebody's data
    "cluster_name": "sonograph",  # seen in ps
}
if sys.platform == "linux":
    # After a kill, one call for the file system instead of one a file: 0.44 instead of 0.6 s with 350 files.
    SETTINGS["recovery_init_sync_method"] = "syncfs"


class EmbeddedPostgres:
    """The server of one folder. Threads and processes may each have one of these; the last one to stop ends it.

    Safe against kill -9 of the server and of ourselves at any moment: what is found is used, waited for, or cleared
    away.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = Path(os.path.realpath(folder))
        self._data = Path(os.path.realpath(folder / "data"))  # may be a link to another disk
        self._socket = socket_folder.socket_folder(self._data)
        self._log = ServerLog(self._folder / "server.log")
        self._turn = threading.Lock()
        self._users: int | None = None  # descriptor of the file that each user of the server holds a shared lock on
        self._child: subprocess.Popen[bytes] | None = None
        self._wake = threading.Event()
        self._watch: threading.Thread | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def dsn(self) -> str:
        """For asyncpg and libpq. The port is part of the socket's name; said here, $PGPORT does not change it."""
        return f"postgresql://{cluster.USER}@/{cluster.DATABASE}?host={quote(str(self._socket), safe='')}&port=5432"

    def start(self) -> None:
        """Returns when the server accepts connections. Blocks for seconds at the first start, minutes at the worst.

        Raises:
            Misconfigured: the folder, the system or the installation cannot do; the message says what to change.
            Unavailable: the server does not start; the message has the end of its log.
        """
        if sys.platform == "win32":
            raise Misconfigured(
                "There is no embedded PostgreSQL on Windows: set SONOGRAPH_DATABASE_URL to a PostgreSQL server."
            )
        with self._turn, self._readable():
            self._claim()
            with self._locked():
                binaries = Binaries.installed()
                exists = cluster.check(self._data, binaries.major)
                self._enter()
                try:
                    if not (exists and self._serving()):
                        self._launch(binaries)
                except Exception:
                    self._leave()
                    raise
                except BaseException:  # interrupted: leave nothing running
                    self._quit()
                    raise
                self._start_watch()

    def stop(self) -> None:
        """Ends the server unless another living process still uses it. Nothing to do if not started.

        Waits for a start() in another thread, which goes on when the task that awaits it is cancelled.
        """
        with self._turn:
            if self._users is None:
                return
            if not self._folder.is_dir():  # deleted under us: nothing there to lock or to keep
                self._leave()
                end_leftovers(self._data)
            else:
                with self._locked():
                    self._quit()
            self._wake.set()  # the watch goes on while a child of ours serves others

    def _enter(self) -> None:
        """Becomes a user of the server."""
        if self._users is None:
            self._users = open_own(self._folder / "users", os.O_RDWR)
            share(self._users)

    def _leave(self) -> None:
        if self._users is not None:
            os.close(self._users)
            self._users = None

    def _quit(self) -> None:
        """Ends the server if nobody else uses it; in any case, we do not any more."""
        try:
            if self._users is not None and taken(self._users):
                self._shut_down()
        finally:
            self._leave()

    @contextmanager
    def _readable(self) -> Iterator[None]:
        """Turns what the file system refuses into a message for whoever chose the folder."""
        try:
            yield
        except OSError as error:
            what = f"{error.strerror or error}{f' ({error.filename})' if error.filename else ''}"
            raise Misconfigured(
                f"The embedded database cannot use {self._folder}{self._owner()}: {what}. "
                f"We run as {user_name(os.geteuid())}, to whom it must belong. "
                f"{cluster.ELSEWHERE}"
            ) from error

    def _owner(self) -> str:
        """Whose the folder is, as a part of a message."""
        try:
            return f", which belongs to {user_name(self._folder.stat().st_uid)}"
        except OSError:
            return ""

    def _claim(self) -> None:
        """Makes the folder. One with other things in it is refused: the lock is the first thing that we put there."""
        self._folder.mkdir(parents=True, exist_ok=True)
        names = {path.name for path in self._folder.iterdir()}
        strangers = sorted(names - {"data"})
        if strangers and "lock" not in names:
            raise Misconfigured(
                f"{self._folder} is not empty and no folder of the embedded database: there is {strangers[0]!r} in it. "
                f"{cluster.ELSEWHERE}"
            )

    def _locked(self) -> AbstractContextManager[None]:
        """Starting and stopping is for one at a time, among all threads and processes of this machine."""
        return exclusive(self._folder / "lock", LOCK_SECONDS)

    def _serving(self) -> bool:
        """Whether a server runs here, once it has started; one that is stopping or has lost its socket is ended."""
        deadline, deaf = time.monotonic() + START_SECONDS, time.monotonic() + DEAF_SECONDS
        while True:
            found = PostmasterFile.read(self._data)
            if found is None:
                return False
            if found.status == "ready" and socket_folder.answers(self._socket):
                return True
            if found.pid not in {process.pid for process in processes_in(self._data)}:
                return False
            if time.monotonic() > deadline:
                raise Unavailable(
                    f"The server at {self._data} (pid {found.pid}) is still {found.status or 'starting'} after "
                    f"{START_SECONDS} s. The end of its log, {self._log.path}:\n{self._log.tail(0)}"
                )
            if found.status == "stopping" or (found.status == "ready" and time.monotonic() > deaf):
                self._shut_down()
                return False
            time.sleep(PAUSE)

    def _launch(self, binaries: Binaries) -> None:
        """Starts a server, having made sure that nothing of an earlier one is left."""
        user = ServerUser.of(self._data)
        self._reap()
        if not end_leftovers(self._data):
            pids = ", ".join(str(process.pid) for process in processes_in(self._data))
            raise Unavailable(f"Processes of an earlier server still work in {self._data} and cannot be ended: {pids}.")
        runnable = binaries.runnable_by(user, self._folder)
        binaries.remove_older_copies(self._folder)
        if (self._data / "PG_VERSION").exists():
            self._disown_pid_file(user)
        else:
            cluster.create(self._data, runnable, user)
        socket_folder.prepare(self._socket, self._data, user)
        self._log.rotate()
        since = self._log.size()
        place = cluster.working_path(self._data, user)
        sockets = place if self._socket == self._data else str(self._socket)
        settings = SETTINGS | {"unix_socket_directories": sockets}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with self._log.open() as log:
            self._child = user.spawn([runnable.program("postgres"), "-D", place, *options], cwd=self._data, log=log)
        self._wait_until_ready(self._child, since)

    def _wait_until_ready(self, child: subprocess.Popen[bytes], since: int) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            found = PostmasterFile.read(self._data)
            if found == PostmasterFile(child.pid, "ready") and socket_folder.answers(self._socket):
                return
            if child.poll() is not None:
                raise Unavailable(
                    f"PostgreSQL does not start at {self._data}. The end of its log, {self._log.path}:\n"
                    f"{self._log.tail(since)}"
                )
            if time.monotonic() > deadline:
                raise Unavailable(
                    f"PostgreSQL at {self._data} is still starting after {START_SECONDS} s; start again to wait on. "
                    f"The end of its log, {self._log.path}:\n{self._log.tail(since)}"
                )
            time.sleep(PAUSE)

    def _disown_pid_file(self, user: ServerUser) -> None:
        """Lets the next server take over postmaster.pid when its pid is in use again, or is that of a zombie.

        The file must stay, because it names the shared memory by which PostgreSQL makes sure that no old backend lives.
        But a pid in it that exists stops the start, unless it is that of the new server's parent: ours.
        """
        file = self._data / "postmaster.pid"
        found = PostmasterFile.read(self._data)
        if found is None or not psutil.pid_exists(found.pid):
            return
        _, _, rest = file.read_bytes().partition(b"\n")
        new = file.with_name("postmaster.pid.new")
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
            target.write(b"%d\n" % os.getpid() + rest)
        user.own(new)
        new.rename(file)

    def _shut_down(self) -> None:
        """Fast shutdown: sessions are cut, all is written out. If that hangs: an immediate one, which loses nothing."""
        found = PostmasterFile.read(self._data)
        server = [process for process in processes_in(self._data) if found is not None and process.pid == found.pid]
        for number, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, DEAF_SECONDS)):
            if not server:
                break
            send(server, number)
            if gone_within(self._data, seconds):
                break
        if not end_leftovers(self._data):
            raise Unavailable(f"The server at {self._data} cannot be ended.")
        self._reap()
        socket_folder.remove(self._socket, self._data)

    def _reap(self) -> None:
        """Collects our child if it has ended, so that it is no zombie."""
        if self._child is not None and self._child.pid not in {process.pid for process in processes_in(self._data)}:
            with suppress(subprocess.TimeoutExpired):
                self._child.wait(DEAF_SECONDS)

    def _start_watch(self) -> None:
        if self._watch is None or not self._watch.is_alive():
            self._watch = threading.Thread(target=self._watching, name="postgres-watch", daemon=True)
            self._watch.start()

    def _watching(self) -> None:
        """While the server is used by us, or is our child: reaps it, starts it again if killed, bounds its log."""
        measured = time.monotonic()
        while self._users is not None or (self._child is not None and self._child.poll() is None):
            self._wake.wait(REAP_SECONDS)
            self._wake.clear()
            if self._child is not None:
                self._child.poll()
            if self._users is not None and self._is_gone():
                self._revive()
            if time.monotonic() - measured > LOG_SECONDS:
                measured = time.monotonic()
                with suppress(OSError, Unavailable), exclusive(self._folder / "lock", 0):
                    self._log.rotate()

    def _is_gone(self) -> bool:
        found = PostmasterFile.read(self._data)
        # Our own pid stands there after a start that failed, see _disown_pid_file.
        return found is None or found.pid == os.getpid() or not psutil.pid_exists(found.pid)

    def _revive(self) -> None:
        """Starts the server again that ended while we use it: killed by somebody, or for want of memory."""
        with self._turn:
            if self._users is None or not self._data.is_dir():
                return  # stopped in the meantime, or deleted under us
            try:
                with exclusive(self._folder / "lock", 0):
                    if not self._serving():
                        _log.warning("the embedded PostgreSQL at %s is gone: starting it again", self._data)
                        self._launch(Binaries.installed())
            except (OSError, Misconfigured, Unavailable) as error:
                _log.error("the embedded PostgreSQL does not start: %s", error)  # the next round tries again
