"""The GraphQL door: queries as a client would write them, with the schema's own names, and the answers' facts put
under the contract's names here, by rules that share nothing with the service's stored documents.
"""

import re
from typing import Any

import httpx

from tests.contract.doors import Json, Refused

CREDIT = "artists: billedArtists { id: artistDatabaseId name: artistName isPrimary isRemixer }"
MUSIC = """isrc duration genre subgenre bpm keyAlphanumeric keyMusical keyOpen
  keys { source keyAlphanumeric keyMusical keyOpen }"""
REFERENCE = "{ databaseId name }"
TRACK = f"""databaseId title {CREDIT}
  releases(first: 20) {{ databaseId title artist {REFERENCE} label {REFERENCE} releaseDate }} {MUSIC}"""
ARTIST = "databaseId name country formationYear formationDate socialLinks wikidataId musicbrainzId releaseCount"
LABEL = "databaseId name releaseCount"
OWN_RELEASE = f"databaseId title label {REFERENCE} releaseDate catalogNo trackCount"
SUMMARY = f"databaseId title artist {REFERENCE} label {REFERENCE} releaseDate catalogNo trackCount"
EDITION = """databaseId source externalId groupExternalId title editionKind: kind format official releaseDate
  datePrecision barcode country label catalogNo mediumCount trackCount tracksOnRow"""
STATUS = {"BAD_USER_INPUT": 400, "UNAUTHENTICATED": 401, "FORBIDDEN": 403, "PLAN_REQUIRED": 403}
ENUMS = {"source", "type", "edition_kind", "format", "date_precision"}
PLATFORM = {
    "spotify_id": "spotifyId",
    "applemusic_id": "appleMusicId",
    "tidal_id": "tidalId",
    "beatport_id": "beatportId",
    "discogs_id": "discogsId",
    "musicbrainz_id": "musicbrainzId",
    "youtube_id": "youtubeId",
    "isrc": "isrc",
    "id": "databaseId",
}


class GraphQL:
    """Answers of /graphql in the contract's shapes."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client

    def ask(self, query: str, **variables: Any) -> Json:
        """The data under the contract's names."""
        answer = self.client.post("/graphql", json={"query": query, "variables": variables})
        body: Json = answer.json()
        if "errors" in body:
            error = body["errors"][0]
            raise Refused(STATUS.get(error["extensions"]["code"], answer.status_code), error["message"])
        data: Json = _renamed(body["data"])
        return data

    def search_tracks(self, artist: str, title: str, **options: Any) -> Json:
        return self._page(
            f"""query($artist: String!, $title: String!, $limit: Int, $cursor: String) {{
              found: searchTracks(artist: $artist, title: $title, first: $limit, after: $cursor)
              {{ nodes {{ {TRACK} }} nextCursor }} }}""",
            {"artist": artist, "title": title} | options,
        )

    def track(self, number: int) -> Json:
        return self._one(f"query($id: Int!) {{ one: track(by: {{ databaseId: $id }}) {{ {TRACK} }} }}", id=number)

    def track_by_isrc(self, isrc: str) -> Json:
        return self._one(f"query($isrc: String!) {{ one: track(by: {{ isrc: $isrc }}) {{ {TRACK} }} }}", isrc=isrc)

    def iswcs(self, **by: str | int) -> Json:
        found = self._by("databaseId isrc iswcs { iswc title }", by)
        return {"sonovault_id": found.pop("id")} | found

    def recordings(self, iswc: str, **options: Any) -> Json:
        return self._one(
            f"""query($code: String!, $limit: Int = 50) {{ one: iswc(code: $code) {{
              iswc title total: recordingCount results: recordings(first: $limit) {{ {TRACK} }} }} }}""",
            code=iswc,
            **options,
        )

    def links(self, **by: str | int) -> Json:
        found = self._by("databaseId title isrc links { source externalId url }", by)
        return {"track_id": found.pop("id")} | found

    def _by(self, selection: str, by: dict[str, str | int]) -> Json:
        names = {PLATFORM[name]: value for name, value in by.items()}
        return self._one(f"query($by: TrackBy!) {{ one: track(by: $by) {{ {selection} }} }}", by=names)

    def browse(self, **conditions: Any) -> Json:
        found = self.ask(
            f"""query($labelId: Int, $artistId: Int, $genre: String, $genreId: Int, $year: Int, $randomize: Boolean) {{
              found: browseTracks(labelId: $labelId, artistId: $artistId, genre: $genre, genreId: $genreId,
              year: $year, randomize: $randomize, first: 20) {{ nodes {{ {TRACK} }} }} }}""",
            **conditions,
        )["found"]
        return {"results": found["nodes"], "next_cursor": None}

    def search_artists(self, name: str, **options: Any) -> Json:
        return self._page(
            f"""query($name: String!, $limit: Int, $cursor: String) {{
              found: searchArtists(name: $name, first: $limit, after: $cursor)
              {{ nodes {{ {ARTIST} }} nextCursor }} }}""",
            {"name": name} | options,
        )

    def artist(self, number: int) -> Json:
        return self._one(f"query($id: Int!) {{ one: artist(by: {{ databaseId: $id }}) {{ {ARTIST} }} }}", id=number)

    def artist_releases(self, number: int, **options: Any) -> Json:
        return self._of("artist", number, "releases", OWN_RELEASE, options)

    def search_labels(self, name: str, **options: Any) -> Json:
        return self._page(
            f"""query($name: String!, $limit: Int, $cursor: String) {{
              found: searchLabels(name: $name, first: $limit, after: $cursor)
              {{ nodes {{ {LABEL} }} nextCursor }} }}""",
            {"name": name} | options,
        )

    def label(self, number: int) -> Json:
        return self._one(
            f"query($id: Int!) {{ one: label(by: {{ databaseId: $id }}) {{ {LABEL} artistCount }} }}", id=number
        )

    def label_artists(self, number: int, **options: Any) -> Json:
        return self._of("label", number, "artists", ARTIST, options)

    def label_releases(self, number: int, **options: Any) -> Json:
        return self._of("label", number, "releases", SUMMARY, options)

    def search_releases(self, title: str, **options: Any) -> Json:
        return self._page(
            f"""query($title: String!, $artist: String, $limit: Int, $cursor: String) {{
              found: searchReleases(title: $title, artist: $artist, first: $limit, after: $cursor)
              {{ nodes {{ {SUMMARY} }} nextCursor }} }}""",
            {"title": title} | options,
        )

    def new_releases(self, **options: Any) -> Json:
        return self._page(
            f"""query($limit: Int, $cursor: String) {{
              found: newReleases(first: $limit, after: $cursor) {{ nodes {{ {SUMMARY} }} nextCursor }} }}""",
            options,
        )

    def release(self, number: int, **options: Any) -> Json:
        return self._one(
            f"""query($id: Int!, $edition: Int) {{ one: release(by: {{ databaseId: $id }}) {{
              {SUMMARY} musicbrainzReleaseIds musicbrainzReleaseGroupIds
              tracks(first: 400, edition: $edition) {{ databaseId title {CREDIT} {MUSIC} discNumber trackNumber }}
              editions: distinctEditions {{ {EDITION} }} edition: numberedBy(edition: $edition) }} }}""",
            id=number,
            **options,
        )

    def genres(self) -> Json:
        return self.ask("{ genres { databaseId name type parent: parentName } }")

    def _one(self, query: str, **variables: Any) -> Json:
        found: Json | None = self.ask(query, **variables)["one"]
        if found is None:
            raise Refused(404, "Not found")
        return found

    def _page(self, query: str, variables: Json) -> Json:
        """A page; a `first` that the caller leaves out is left out of the query, for the schema's default."""
        if "limit" not in variables:
            query = query.replace("$limit: Int, ", "").replace("first: $limit, ", "")
        found: Json = self.ask(query, **variables)["found"]
        return {"results": found["nodes"], "next_cursor": found["next_cursor"]}

    def _of(self, owner: str, number: int, what: str, selection: str, options: Json) -> Json:
        dates = what == "releases"
        found = self.ask(
            f"""query($id: Int!, $limit: Int = 20, $cursor: String {"$from: Date, $until: Date" if dates else ""}) {{
              one: {owner}(by: {{ databaseId: $id }}) {{
                {what}(first: $limit, after: $cursor {", from: $from, until: $until" if dates else ""})
                {{ nodes {{ {selection} }} nextCursor }} }} }}""",
            id=number,
            **options,
        )["one"]
        if found is None:
            raise Refused(404, "Not found")
        return {"results": found[what]["nodes"], "next_cursor": found[what]["next_cursor"]}


def _renamed(value: Any, name: str = "") -> Any:
    """`databaseId` is `id`, camelCase is snake_case, enums are lower case without underscores."""
    if isinstance(value, list):
        return [_renamed(item, name) for item in value]
    if isinstance(value, dict):
        if name == "social_links":  # free-form: its keys are data
            return value
        return {new: _renamed(inner, new) for new, inner in ((_snake(old), inner) for old, inner in value.items())}
    if name in ENUMS and isinstance(value, str) and value.isupper():
        return value.lower().replace("_", "")
    return value


def _snake(name: str) -> str:
    return "id" if name == "databaseId" else re.sub("([A-Z])", r"_\1", name).lower()
