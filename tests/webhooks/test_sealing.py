"""Secrets at rest."""

from base64 import b64encode, urlsafe_b64encode
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from sonograph.errors import Misconfigured, Unavailable
from sonograph.webhooks.sealing import FILE, Seal, load_seal

OLD, NEW = (urlsafe_b64encode(bytes([number]) * 32).decode() for number in (7, 9))


def test_what_is_sealed_shows_nothing_and_opens() -> None:
    sealed = Seal((OLD,)).seal("whsec_secret")
    assert b"secret" not in sealed
    assert sealed != Seal((OLD,)).seal("whsec_secret")
    assert Seal((OLD,)).open(sealed) == "whsec_secret"


def test_keys_are_replaced_without_losing_a_secret() -> None:
    sealed = Seal((OLD,)).seal("whsec_secret")
    both = Seal((NEW, OLD))
    assert both.open(sealed) == "whsec_secret"
    assert Seal((NEW,)).open(both.again(sealed)) == "whsec_secret"


@pytest.mark.parametrize(
    "spoil", [lambda sealed: sealed[:-1], lambda sealed: sealed[:0], lambda sealed: sealed[:20] + sealed]
)
def test_another_key_and_spoilt_secrets_say_what_is_wrong(spoil: object) -> None:
    sealed = Seal((OLD,)).seal("whsec_secret")
    with pytest.raises(Unavailable, match="SONOGRAPH_SECRET_KEYS"):
        Seal((NEW,)).open(sealed)
    with pytest.raises(Unavailable, match="SONOGRAPH_SECRET_KEYS"):
        Seal((OLD,)).open(spoil(sealed))  # type: ignore[operator]  # a parameter of the test
    with pytest.raises(Unavailable, match="SONOGRAPH_SECRET_KEYS"):
        Seal((NEW,)).again(sealed)


def test_the_key_in_the_data_folder_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    sealed = load_seal(None, tmp_path / "data").seal("whsec_secret")
    assert load_seal(None, tmp_path / "data").open(sealed) == "whsec_secret"
    assert [path.name for path in (tmp_path / "data").iterdir()] == [FILE]
    assert (tmp_path / "data" / FILE).stat().st_mode & 0o077 == 0


def _sealed(folder: Path) -> bytes:
    return load_seal(None, folder).seal("whsec_secret")


def test_processes_that_start_together_have_one_key(tmp_path: Path) -> None:
    with ProcessPoolExecutor(4) as processes:
        sealed = list(processes.map(_sealed, [tmp_path] * 12))
    seal = load_seal(None, tmp_path)
    assert {seal.open(one) for one in sealed} == {"whsec_secret"}


@pytest.mark.parametrize("given", ["short", "", "ü" * 44, f"{NEW},short", NEW[:-4]])
def test_a_key_that_is_none_is_refused(tmp_path: Path, given: str) -> None:
    with pytest.raises(Misconfigured, match="SONOGRAPH_SECRET_KEYS"):
        load_seal(given, tmp_path)
    assert not (tmp_path / FILE).exists()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Misconfigured, match=r"secret\.key"):
        load_seal(None, tmp_path / "file" / "data")


def test_base64_of_either_alphabet_will_do(tmp_path: Path) -> None:
    key = b64encode(b"\xff\xfe" * 16).decode()
    assert "/" in key
    seal = load_seal(key, tmp_path)
    assert load_seal(key.replace("/", "_").replace("+", "-"), tmp_path).open(seal.seal("x")) == "x"


def test_the_setting_takes_the_place_of_the_file(tmp_path: Path) -> None:
    assert load_seal(f"{NEW}, {OLD}", tmp_path).open(Seal((OLD,)).seal("x")) == "x"
    assert not list(tmp_path.iterdir())
