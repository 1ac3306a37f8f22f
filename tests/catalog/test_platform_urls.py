"""Ids as people paste them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonograph.catalog.platform_ids import parse_platform_id
from sonograph.catalog.platform_urls import parse_reference, spellings
from sonograph.catalog.vocabulary import Platform

SPOTIFY, MBID, YOUTUBE = "0DiWol3AO6WpXZgp0goxAV", "056e4f3e-d505-4dad-8ec1-d04f521cbb56", "FGBhQbmPwH8"
FORMS = {
    Platform.SPOTIFY: (
        SPOTIFY,
        [
            "spotify:track:{}",
            "https://open.spotify.com/track/{}",
            "https://open.spotify.com/intl-de/track/{}?si=0123456789abcdef",
            "open.spotify.com/track/{}",
            "https://open.spotify.com/embed/track/{}?utm_source=generator",
        ],
    ),
    Platform.APPLE_MUSIC: (
        "697195787",
        [
            "https://music.apple.com/us/album/one-more-time/697194953?i={}",
            "https://music.apple.com/de/song/one-more-time/{}",
            "https://music.apple.com/song/{}",
            "https://geo.music.apple.com/gb/album/x/697194953?app=music&i={}&mt=1",
            "https://itunes.apple.com/us/album/x/id697194953?i={}&uo=4",
        ],
    ),
    Platform.TIDAL: (
        "1550546",
        [
            "https://tidal.com/browse/track/{}",
            "https://tidal.com/track/{}/u",
            "https://listen.tidal.com/album/1550545/track/{}",
            "tidal://track/{}",
        ],
    ),
    Platform.BEATPORT: ("209664", ["https://www.beatport.com/track/moments-in-time/{}", "beatport.com/de/track/x/{}"]),
    Platform.DISCOGS: ("2844-A", ["r2844-A", "R2844-A", "[r2844]-A", "[r2844] - A", "2844 - A"]),
    Platform.MUSICBRAINZ: (
        MBID,
        [
            "https://musicbrainz.org/recording/{}",
            "http://beta.musicbrainz.org/recording/{}",
            "https://musicbrainz.org/recording/{}/fingerprints",
            "https://listenbrainz.org/track/{}",
            "mbid:{}",
        ],
    ),
    Platform.YOUTUBE: (
        YOUTUBE,
        [
            "https://youtu.be/{}?t=42",
            "https://www.youtube.com/watch?v={}&list=RD",
            "https://music.youtube.com/watch?v={}",
            "https://m.youtube.com/watch?app=desktop&v={}",
            "https://www.youtube.com/shorts/{}",
            "https://www.youtube-nocookie.com/embed/{}",
        ],
    ),
}
PASTED = [
    (platform, form.format(found), found) for platform, (found, forms) in FORMS.items() for form in ["{}", *forms]
]


@pytest.mark.parametrize(("platform", "text", "found"), PASTED)
def test_every_form_of_an_id_is_the_id(platform: Platform, text: str, found: str) -> None:
    assert parse_reference(platform, f"  {text}\n") == found


@pytest.mark.parametrize(
    ("platform", "text"),
    [
        (Platform.SPOTIFY, f"spotify:album:{SPOTIFY}"),
        (Platform.SPOTIFY, f"https://open.spotify.com/album/{SPOTIFY}"),
        (Platform.SPOTIFY, f"https://evil.example/track/{SPOTIFY}"),
        (Platform.SPOTIFY, f"https://open.spotify.com.evil.example/track/{SPOTIFY}"),
        (Platform.SPOTIFY, SPOTIFY[:-1]),
        (Platform.APPLE_MUSIC, "https://music.apple.com/us/album/one-more-time/697194953"),
        (Platform.TIDAL, "https://tidal.com/browse/album/1550545"),
        (Platform.DISCOGS, "2844"),
        (Platform.DISCOGS, "https://www.discogs.com/release/2844"),
        (Platform.YOUTUBE, "https://www.youtube.com/@daftpunk"),
        (Platform.YOUTUBE, f"https://www.youtube.com/playlist?list={YOUTUBE}"),
        (Platform.YOUTUBE, "http://[youtube.com/watch?v=x"),
        (Platform.YOUTUBE, "https://www.youtube.com/channel/UC_kRDKYrUlrbtrSiyu5Tflg"),
        (Platform.YOUTUBE, "https://www.youtube.com/c/daftpunk"),
        (Platform.SPOTIFY, f"https://open.spotify.com/artist/{SPOTIFY}"),
        (Platform.SPOTIFY, f"spotify:artist:{SPOTIFY}"),
        (Platform.APPLE_MUSIC, "https://music.apple.com/us/artist/daft-punk/5468295"),
        (Platform.TIDAL, "https://tidal.com/browse/artist/8847"),
        (Platform.BEATPORT, "https://www.beatport.com/release/discovery/209664"),
        (Platform.BEATPORT, "https://www.beatport.com/artist/daft-punk/3547"),
        (Platform.DISCOGS, "https://www.discogs.com/master/26647-Daft-Punk-Discovery"),
        (Platform.DISCOGS, "https://www.discogs.com/artist/1289-Daft-Punk"),
        (Platform.DISCOGS, "m26647-A"),
        (Platform.DISCOGS, "[r2844"),
        (Platform.DISCOGS, "r2844-"),
        *(
            (Platform.MUSICBRAINZ, f"https://musicbrainz.org/{entity}/{MBID}")
            for entity in ("artist", "release", "release-group", "work", "label", "place", "event", "series", "area")
        ),
        (Platform.MUSICBRAINZ, f"https://listenbrainz.org/artist/{MBID}"),
        (Platform.MUSICBRAINZ, "https://musicbrainz.org/recording/"),
        (Platform.SPOTIFY, ""),
        (Platform.SPOTIFY, "x" * 10_000),
    ],
)
def test_what_names_no_recording_is_none(platform: Platform, text: str) -> None:
    assert parse_reference(platform, text) is None


def test_a_discogs_position_may_have_dashes() -> None:
    for text in ("9000123-CD1-4", "r9000123-CD1-4", "[R9000123]-CD1-4", "9000123 - CD1-4"):
        assert parse_reference(Platform.DISCOGS, text) == "9000123-CD1-4"


def test_a_discogs_position_is_tried_as_it_is_given_and_in_capitals() -> None:
    assert spellings(Platform.DISCOGS, "2844-a1") == ("2844-a1", "2844-A1")
    assert spellings(Platform.DISCOGS, "2844-A1") == ("2844-A1",)
    assert spellings(Platform.SPOTIFY, SPOTIFY) == (SPOTIFY,)


@given(st.sampled_from(Platform), st.text(max_size=300))
def test_any_text_gives_an_id_or_none(platform: Platform, text: str) -> None:
    found = parse_reference(platform, text)
    assert found is None or parse_platform_id(platform, found) == found


@given(st.sampled_from(PASTED), st.text(max_size=20))
def test_what_is_found_is_found_again(pasted: tuple[Platform, str, str], tail: str) -> None:
    platform, text, _ = pasted
    found = parse_reference(platform, text + tail)
    assert found is None or parse_reference(platform, found) == found
