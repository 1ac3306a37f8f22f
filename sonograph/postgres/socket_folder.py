"""Where the server's Unix socket is."""

import hashlib
import os
import socket
import struct
from pathlib import Path

from sonograph.errors import Misconfigured
from sonograph.postgres.server_user import ServerUser, user_name

SOCKET = ".s.PGSQL.5432"
LONGEST_PATH = 103  # bytes: sun_path has 104 on macOS and 108 on Linux, the last one is 0
SSL_REQUEST = struct.pack("!ii", 8, 80877103)  # length and code: "Message Formats" in PostgreSQL's manual
ANSWER_SECONDS = 1
# Not $TMPDIR: processes with different ones must find the same server, and on macOS it is long by itself.
SHORT = Path("/tmp")  # noqa: S108 — a folder of our own below it, whose owner and mode are checked


def socket_folder(data: Path) -> Path:
    """The data folder itself, which is closed to others; a short path of its own when a client could not use that one.

    Clients give the folder in a URL, where a comma separates several hosts.
    """
    path = str(data / SOCKET)
    if len(os.fsencode(path)) <= LONGEST_PATH and path.isprintable() and "," not in path:
        return data
    return SHORT / f"sonograph-{hashlib.sha256(os.fsencode(data)).hexdigest()[:20]}"


def prepare(folder: Path, data: Path, user: ServerUser) -> None:
    """Makes a short socket folder, or makes sure that the one there is ours: anybody may create names in /tmp."""
    if folder != data:
        try:
            folder.mkdir(mode=0o700)
            user.own(folder)
        except FileExistsError:
            status = folder.lstat()
            if folder.is_symlink() or not folder.is_dir() or (status.st_uid, status.st_mode & 0o077) != (user.uid, 0):
                raise Misconfigured(
                    f"{folder} should be a folder of {user_name(user.uid)} alone, but belongs to "
                    f"{user_name(status.st_uid)}, mode {status.st_mode & 0o777:o}. Remove it, or set "
                    "SONOGRAPH_DATA_DIR to a shorter path, which needs no such folder."
                ) from None
    # Left by a killed server. PostgreSQL would clear them away too, unless the pid in the lock file is in use again.
    for name in (SOCKET, SOCKET + ".lock"):
        (folder / name).unlink(missing_ok=True)


def remove(folder: Path, data: Path) -> None:
    """Takes a short socket folder away after the server has ended."""
    if folder != data and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def answers(folder: Path) -> bool:
    """Whether a server answers on the socket (one that is starting or stopping does, too).

    It is asked whether it has TLS, because the kernel accepts connections for a server that is dead or dying.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(ANSWER_SECONDS)
        try:
            client.connect(str(folder / SOCKET))
            client.sendall(SSL_REQUEST)
            return len(client.recv(1)) == 1
        except (FileNotFoundError, ConnectionError):
            return False
        except (BlockingIOError, TimeoutError):  # somebody holds the socket, and has much to do
            return True
