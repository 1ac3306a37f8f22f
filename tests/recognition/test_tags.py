"""Tags of every format, written by the real encoders or byte by byte as other programs write them."""

from pathlib import Path

import pytest

from sonograph.recognition.importing.tags import read_tags, titled
from tests.recognition.collections import CODECS, mp4_with, song, with_id3, write

RECORDING = "b1a9c0e9-d987-4042-ae91-78d6a3267d69"
ARTIST = "65f4f0c5-ef9e-490c-aee3-909e7ae6b2ab"
ACOUSTID = "00b9a2ae-24ea-4b80-8a6d-dd0d1c3be7b5"
NAMES = {
    "title": "Nightcall / Ünë",
    "artist": "Kavinsky",
    "album": "OutRun",
    "album_artist": "Kavinsky & Friends",
    "track": "3/13",
    "disc": "1/2",
    "date": "2013-02-25",
}
VORBIS = NAMES | {
    "ISRC": "FR6V8-09-00132",
    "MUSICBRAINZ_TRACKID": RECORDING.upper(),
    "MUSICBRAINZ_ARTISTID": ARTIST,
    "ACOUSTID_ID": ACOUSTID,
}


@pytest.mark.parametrize("suffix", [".flac", ".opus", ".ogg"])
def test_vorbis_comments(tmp_path: Path, suffix: str) -> None:
    tags = read_tags(write(tmp_path / f"a{suffix}", song(1, 2), VORBIS))
    assert (tags.title, tags.artist, tags.album) == ("Nightcall / Ünë", "Kavinsky", "OutRun")
    assert (tags.album_artist, tags.track, tags.disc, tags.date) == ("Kavinsky & Friends", 3, 1, "2013-02-25")
    assert tags.isrcs == ("FR6V80900132",)
    assert (tags.recording, tags.artist_id, tags.acoustid) == (RECORDING, ARTIST, ACOUSTID)
    assert tags.usable
    assert not tags.by_name


def test_id3_as_picard_writes_it(tmp_path: Path) -> None:
    path = with_id3(
        write(tmp_path / "a.mp3", song(1, 2)),
        [
            (b"TIT2", b"\x01" + "Ночь".encode("utf-16")),
            (b"TPE1", b"\0Kino"),
            (b"TALB", b"\x03Album"),
            (b"TRCK", b"\x007/12"),
            (b"TYER", b"\x001988"),
            (b"TSRC", b"\0GBDUW0000053"),
            (b"UFID", b"http://example.org\0whatever"),
            (b"UFID", b"http://musicbrainz.org\0" + RECORDING.encode()),
            (b"TXXX", b"\0Acoustid Id\0" + ACOUSTID.encode()),
            (b"TXXX", b"\0MusicBrainz Artist Id\0" + ARTIST.encode()),
        ],
    )
    tags = read_tags(path)
    assert (tags.title, tags.artist, tags.album, tags.track, tags.date) == ("Ночь", "Kino", "Album", 7, "1988")
    assert tags.isrcs == ("GBDUW0000053",)
    assert (tags.recording, tags.acoustid, tags.artist_id) == (RECORDING, ACOUSTID, ARTIST)


def test_mp4_as_picard_writes_it(tmp_path: Path) -> None:
    named = {
        "title": "Song", "artist": "Somebody", "album": "Album", "date": "2001-05",
        "ISRC": "GBDUW0000053", "MusicBrainz Track Id": RECORDING, "Acoustid Id": ACOUSTID,
    }  # fmt: skip
    tags = read_tags(mp4_with(write(tmp_path / "a.m4a", song(1, 2)), named))
    assert (tags.title, tags.artist, tags.album, tags.date) == ("Song", "Somebody", "Album", "2001-05")
    assert tags.isrcs == ("GBDUW0000053",)
    assert (tags.recording, tags.acoustid) == (RECORDING, ACOUSTID)


def test_riff_has_an_isrc_and_ffmpeg_knows_its_track_number(tmp_path: Path) -> None:
    tags = read_tags(write(tmp_path / "a.wav", song(1, 2), NAMES | {"ISRC": "GBDUW0000053"}))
    assert (tags.title, tags.artist, tags.track) == ("Nightcall / Ünë", "Kavinsky", 3)
    assert tags.isrcs == ("GBDUW0000053",)


@pytest.mark.parametrize("suffix", sorted(CODECS))
def test_names_of_files(tmp_path: Path, suffix: str) -> None:
    tags = read_tags(write(tmp_path / f"03. The_Paper Boats - A - Song (Live){suffix}", song(1, 2)))
    assert (tags.artist, tags.title, tags.by_name) == ("The Paper Boats", "A - Song (Live)", True)
    assert not read_tags(write(tmp_path / f"track 07{suffix}", song(1, 2))).usable


def test_what_is_no_code_is_none(tmp_path: Path) -> None:
    wrong = {"title": "A", "artist": "Unknown Artist", "ISRC": "nonsense", "MUSICBRAINZ_TRACKID": "5", "date": "soon"}
    tags = read_tags(write(tmp_path / "x.flac", song(1, 2), wrong))
    assert (tags.isrcs, tags.recording, tags.date, tags.artist) == ((), None, None, None)
    assert not tags.usable


def test_titled_by_file_and_folder(tmp_path: Path) -> None:
    path = write(tmp_path / "Some Folder" / "track_07.flac", song(1, 2))
    tags = titled(read_tags(path), path)
    assert (tags.artist, tags.title, tags.by_name) == ("Some Folder", "track 07", True)


@pytest.mark.parametrize("content", [b"", b"ID3", b"ID3\x04\0\0\x7f\x7f\x7f\x7f" + bytes(100), b"fLaC" + b"\xff" * 200])
def test_damaged_tags_are_no_tags(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(content)
    assert not read_tags(path).usable
