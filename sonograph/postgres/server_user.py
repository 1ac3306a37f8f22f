"""The system user that a server runs as: PostgreSQL refuses root, so root hands it to an unprivileged one."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self

from sonograph.errors import Misconfigured

if sys.platform != "win32":
    import pwd

UNPRIVILEGED = "nobody"
# Nothing of our environment (PGDATA, PGPORT, LD_LIBRARY_PATH, …) may change what the server does; messages in English.
ENVIRONMENT = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C", "TZ": "UTC"}
LOOK_SECONDS = 10


@dataclass(frozen=True, slots=True)
class ServerUser:
    """`switch`: we are root and must become this user in the processes that we start."""

    uid: int
    gid: int
    switch: bool

    @classmethod
    def of(cls, data: Path) -> Self:
        """Ourselves; for root the owner of the data folder, or `nobody` when there is none yet."""
        if os.geteuid() != 0:
            return cls(uid=os.geteuid(), gid=os.getegid(), switch=False)
        if data.exists():
            status = data.stat()
            if status.st_uid == 0 and any(data.iterdir()):
                raise Misconfigured(
                    f"{data} belongs to root, which PostgreSQL refuses to run as. Give it away: "
                    f"chown -R {UNPRIVILEGED} {data}"
                )
            if status.st_uid != 0:
                return cls(uid=status.st_uid, gid=status.st_gid, switch=True)
        try:
            entry = pwd.getpwnam(UNPRIVILEGED)
        except KeyError:
            raise Misconfigured(
                f"PostgreSQL refuses to run as root, and this system has no user {UNPRIVILEGED!r} for it. Add one, "
                "run us as an ordinary user, or set SONOGRAPH_DATABASE_URL to a PostgreSQL server."
            ) from None
        return cls(uid=entry.pw_uid, gid=entry.pw_gid, switch=True)

    def own(self, path: Path) -> None:
        if self.switch:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def run(
        self, command: list[str | Path], *, cwd: Path, seconds: float, text: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Runs a command to its end, `text` as its input, both outputs in `stdout`."""
        return subprocess.run(  # noqa: S603 — our own binaries, no shell
            command,
            input=text,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            timeout=seconds,
            check=False,
            **self._options(cwd),
        )

    def spawn(self, command: list[str | Path], *, cwd: Path, log: IO[bytes]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 — our own binaries, no shell
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **self._options(cwd)
        )

    def reaches(self, *paths: Path) -> bool:
        """Whether this user may read these files and enter these folders, access lists and all."""
        if not self.switch:
            return all(os.access(path, os.X_OK if path.is_dir() else os.R_OK) for path in paths)
        look = 'for p; do if test -d "$p"; then test -x "$p"; else test -r "$p"; fi || exit 1; done'
        return self.run(["/bin/sh", "-c", look, "sh", *paths], cwd=Path("/"), seconds=LOOK_SECONDS).returncode == 0

    def _options(self, cwd: Path) -> dict[str, Any]:
        """A session of its own, so that Ctrl-C in our terminal does not reach the server before we end it in order."""
        options: dict[str, Any] = {"cwd": cwd, "env": ENVIRONMENT, "umask": 0o077, "start_new_session": True}
        if self.switch:
            options |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        return options


def has_name(uid: int) -> bool:
    """Whether the system knows this user, which initdb insists on; a container may run as any number."""
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def user_name(uid: int) -> str:
    """The name of a user, for messages."""
    return pwd.getpwuid(uid).pw_name if has_name(uid) else f"uid {uid}"
