"""What the catalog is told of a file that it knows no track of: a recording, its artist, and its place on an album."""

from collections.abc import Sequence
from hashlib import blake2b

from sonograph.catalog.folding import fold
from sonograph.catalog.records import (
    AnyRecord,
    ArtistRecord,
    Credit,
    Link,
    Place,
    Ref,
    ReleaseRecord,
    SourcedKey,
    TrackRecord,
)
from sonograph.catalog.writer.audio_facts import SOURCE
from sonograph.recognition.importing.sound import Sound
from sonograph.recognition.importing.store import AlbumPlace
from sonograph.recognition.importing.tags import Tags


def name_of_sound(sound: Sound) -> str:
    """The name under which a sound is known: equal for files of equal sound, whatever their tags and places are."""
    return blake2b(sound.items + sound.landmarks, digest_size=16).hexdigest()


def album_of(tags: Tags) -> str | None:
    """The name under which the album of a file is known: albums of one artist and title are one."""
    return _id("album", _album_artist(tags).id, tags.album) if tags.album else None


def records_of(sound: Sound, name: str, others: Sequence[AlbumPlace]) -> list[AnyRecord]:
    """Its track, and its album: with the places of `others`, which were imported before."""
    tags = sound.tags
    artist = _artist(tags)
    track = TrackRecord(
        id=name,
        title=tags.title or "Unknown",
        artists=(Credit(artist=artist),),
        duration=round(sound.duration),
        isrcs=tags.isrcs,
        bpm=sound.bpm,
        key=sound.key,
        keys=(SourcedKey(source=SOURCE, key=sound.key),) if sound.key else (),
        links=(Link(source="musicbrainz", id=tags.recording),) if tags.recording else (),
    )
    records: list[AnyRecord] = [track]
    if tags.artist_id and tags.artist:
        records.insert(0, ArtistRecord(id=artist.id, name=tags.artist, musicbrainz_id=tags.artist_id))
    album = album_of(tags)
    if album and tags.album:
        places = [(one.disc, one.number, one.name) for one in others] + [(tags.disc, tags.track, name)]
        places.sort(key=lambda place: (place[0] or 0, place[1] or 10_000, place[2]))
        dates = sorted(date for date in (tags.date, *(one.date for one in others)) if date)
        records.append(
            ReleaseRecord(
                id=album,
                title=tags.album,
                artist=_album_artist(tags),
                release_date=dates[0] if dates else None,
                tracks=tuple(Place(track=track, disc=disc, number=number) for disc, number, track in places),
            )
        )
    return records


def _artist(tags: Tags) -> Ref:
    return Ref(id=_artist_id(tags), name=tags.artist or "Unknown")


def _album_artist(tags: Tags) -> Ref:
    if tags.album_artist and tags.album_artist != tags.artist:
        return Ref(id=_id("artist", tags.album_artist), name=tags.album_artist)
    return _artist(tags)


def _artist_id(tags: Tags) -> str:
    return f"artist:{tags.artist_id}" if tags.artist_id else _id("artist", tags.artist or "")


def _id(kind: str, *texts: str) -> str:
    folded = "\0".join(fold(text) or text for text in texts)
    return f"{kind}:{blake2b(folded.encode(), digest_size=12).hexdigest()}"
