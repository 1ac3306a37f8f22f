"""What the station airs: the same everywhere, without a hole, a play in every minute."""

from itertools import pairwise

from sonograph.monitoring.station.schedule import SHORTEST, SLOT, Item, Kind, items, on_air, track_keys

START = 1_800_000_000.0  # 2027-01-15, 08:00 UTC
DAY = 86_400


def test_it_is_the_same_on_every_machine() -> None:
    assert list(items(START, START + 60)) == [
        Item(Kind.TALK, None, START, START + 5),
        Item(Kind.JINGLE, None, START + 5, START + 7),
        Item(Kind.SONG, "gabberghast/1/2", START + 7, START + 47),
        Item(Kind.SILENCE, None, START + 47, START + 55),
        Item(Kind.TALK, None, START + 55, START + 60),
    ]


def test_something_is_on_air_at_any_time() -> None:
    day = list(items(START, START + DAY))
    assert (day[0].started_at, day[-1].ends_at) == (START, START + DAY)
    for one, next_one in pairwise(day):
        assert one.started_at < one.ends_at == next_one.started_at
    for item in day[:50]:
        assert on_air(item.started_at) == item == on_air(item.ends_at - 0.001)


def test_a_song_starts_in_every_minute_and_all_are_aired_before_one_comes_again() -> None:
    songs = [item for item in items(START, START + DAY) if item.kind is Kind.SONG]
    assert [int(song.started_at // SLOT) for song in songs] == [
        int(START // SLOT) + slot for slot in range(DAY // SLOT)
    ]
    assert all(song.ends_at - song.started_at >= SHORTEST for song in songs)
    assert all(one.track_key != next_one.track_key for one, next_one in pairwise(songs))
    turn = len(track_keys())
    first = next(place for place, song in enumerate(songs) if int(song.started_at // SLOT) % turn == 0)
    assert sorted(song.track_key or "" for song in songs[first : first + turn]) == sorted(track_keys())


def test_parts_of_the_programme_hold_what_is_on_air_in_them() -> None:
    assert [item.kind for item in items(START + 10, START + 11)] == [Kind.SONG]
    assert list(items(START, START)) == []
    assert [item.kind for item in items(START + 46.5, START + 47.5)] == [Kind.SONG, Kind.SILENCE]
