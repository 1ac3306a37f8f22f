"""The same questions through three doors: REST, GraphQL, the vendor's client. All answer in the contract's shapes."""

from typing import Any, Protocol

import httpx
from sonovault import SonoVault, SonoVaultError

Json = dict[str, Any]


class Refused(Exception):
    """An answer that is an error: its status in the contract, and its text."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(status, text)
        self.status, self.text = status, text


class Door(Protocol):
    """What the contract's routes answer. `options` are their optional parameters, by the contract's names."""

    def search_tracks(self, artist: str, title: str, **options: Any) -> Json: ...

    def track(self, number: int) -> Json: ...

    def track_by_isrc(self, isrc: str) -> Json: ...

    def iswcs(self, **by: str | int) -> Json: ...

    def recordings(self, iswc: str, **options: Any) -> Json: ...

    def links(self, **by: str | int) -> Json: ...

    def browse(self, **conditions: Any) -> Json: ...

    def search_artists(self, name: str, **options: Any) -> Json: ...

    def artist(self, number: int) -> Json: ...

    def artist_releases(self, number: int, **options: Any) -> Json: ...

    def search_labels(self, name: str, **options: Any) -> Json: ...

    def label(self, number: int) -> Json: ...

    def label_artists(self, number: int, **options: Any) -> Json: ...

    def label_releases(self, number: int, **options: Any) -> Json: ...

    def search_releases(self, title: str, **options: Any) -> Json: ...

    def new_releases(self, **options: Any) -> Json: ...

    def release(self, number: int, **options: Any) -> Json: ...

    def genres(self) -> Json: ...


class _Routes:
    """The routes by path; `get` is all that differs between a plain client and the vendor's plumbing."""

    def get(self, path: str, **params: Any) -> Json:
        raise NotImplementedError

    def search_tracks(self, artist: str, title: str, **options: Any) -> Json:
        return self.get("/v1/tracks/search", artist=artist, title=title, **options)

    def track(self, number: int) -> Json:
        return self.get(f"/v1/tracks/{number}")

    def track_by_isrc(self, isrc: str) -> Json:
        return self.get(f"/v1/tracks/isrc/{isrc}")

    def iswcs(self, **by: str | int) -> Json:
        return self.get("/v1/tracks/iswc", **by)

    def recordings(self, iswc: str, **options: Any) -> Json:
        return self.get(f"/v1/tracks/iswc/{iswc}", **options)

    def links(self, **by: str | int) -> Json:
        return self.get("/v1/tracks/links", **by)

    def browse(self, **conditions: Any) -> Json:
        return self.get("/v1/tracks/browse", **conditions)

    def search_artists(self, name: str, **options: Any) -> Json:
        return self.get("/v1/artists/search", name=name, **options)

    def artist(self, number: int) -> Json:
        return self.get(f"/v1/artists/{number}")

    def artist_releases(self, number: int, **options: Any) -> Json:
        return self.get(f"/v1/artists/{number}/releases", **options)

    def search_labels(self, name: str, **options: Any) -> Json:
        return self.get("/v1/labels/search", name=name, **options)

    def label(self, number: int) -> Json:
        return self.get(f"/v1/labels/{number}")

    def label_artists(self, number: int, **options: Any) -> Json:
        return self.get(f"/v1/labels/{number}/artists", **options)

    def label_releases(self, number: int, **options: Any) -> Json:
        return self.get(f"/v1/labels/{number}/releases", **options)

    def search_releases(self, title: str, **options: Any) -> Json:
        return self.get("/v1/releases/search", title=title, **options)

    def new_releases(self, **options: Any) -> Json:
        return self.get("/v1/releases/new", **options)

    def release(self, number: int, **options: Any) -> Json:
        return self.get(f"/v1/releases/{number}", **options)

    def genres(self) -> Json:
        return self.get("/v1/genres")


class Rest(_Routes):
    """Plain HTTP."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client

    def get(self, path: str, **params: Any) -> Json:
        written = {name: str(value).lower() if isinstance(value, bool) else value for name, value in params.items()}
        answer = self.client.get(path, params=written or None)
        body: Json = answer.json()
        if answer.status_code != httpx.codes.OK:
            assert list(body) == ["error"]
            raise Refused(answer.status_code, body["error"])
        return body


class Vendor:
    """The vendor's own client, unchanged but for its base_url."""

    def __init__(self, client: SonoVault) -> None:
        self.client = client

    def search_tracks(self, artist: str, title: str, **options: Any) -> Json:
        return self._ask(self.client.tracks.search, artist=artist, title=title, **options)

    def track(self, number: int) -> Json:
        return self._ask(self.client.tracks.get, number)

    def track_by_isrc(self, isrc: str) -> Json:
        return self._ask(self.client.tracks.by_isrc, isrc)

    def iswcs(self, **by: str | int) -> Json:
        return self._ask(self.client.tracks.iswc, **{"track_id" if k == "id" else k: v for k, v in by.items()})

    def recordings(self, iswc: str, **options: Any) -> Json:
        return self._ask(self.client.tracks.by_iswc, iswc, **options)

    def links(self, **by: str | int) -> Json:
        return self._ask(self.client.tracks.links, **by)

    def browse(self, **conditions: Any) -> Json:
        return self._ask(self.client.tracks.browse, **conditions)

    def search_artists(self, name: str, **options: Any) -> Json:
        return self._ask(self.client.artists.search, name=name, **options)

    def artist(self, number: int) -> Json:
        return self._ask(self.client.artists.get, number)

    def artist_releases(self, number: int, **options: Any) -> Json:
        return self._ask(self.client.artists.releases, number, **_python_names(options))

    def search_labels(self, name: str, **options: Any) -> Json:
        return self._ask(self.client.labels.search, name=name, **options)

    def label(self, number: int) -> Json:
        return self._ask(self.client.labels.get, number)

    def label_artists(self, number: int, **options: Any) -> Json:
        return self._ask(self.client.labels.artists, number, **options)

    def label_releases(self, number: int, **options: Any) -> Json:
        return self._ask(self.client.labels.releases, number, **_python_names(options))

    def search_releases(self, title: str, **options: Any) -> Json:
        return self._ask(self.client.releases.search, title=title, **options)

    def new_releases(self, **options: Any) -> Json:
        return self._ask(self.client.releases.latest, **options)

    def release(self, number: int, **options: Any) -> Json:
        return self._ask(self.client.releases.get, number, **options)

    def genres(self) -> Json:
        return self._ask(self.client.genres.list)

    @staticmethod
    def _ask(method: Any, *args: Any, **kwargs: Any) -> Json:
        try:
            body: Json = method(*args, **kwargs)
        except SonoVaultError as error:
            raise Refused(error.status, str(error)) from error
        return body


def _python_names(options: Json) -> Json:
    return {"from_" if name == "from" else name: value for name, value in options.items()}
