"""Random valid operations with all that a client may write; drawn through hypothesis, so that a failure shrinks."""

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from random import Random
from typing import Any

from graphql import (
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_enum_type,
    is_leaf_type,
    is_non_null_type,
    is_object_type,
)

from tests.projection.data import ARTISTS, EDITIONS, LABELS, MERGED, RELEASES, TRACKS, WORKS, Catalog

SEARCHES = ("searchTracks", "searchArtists", "searchLabels", "searchReleases")
NO_ORACLE = (*SEARCHES, "resolveTracks")
LISTS = {  # field -> the list's name in its cursors
    "Artist.releases": "artist.releases",
    "Label.releases": "label.releases",
    "Artist.tracks": "artist.tracks",
    "Work.recordings": "work.recordings",
    "Label.artists": "label.artists",
    "Release.editions": "editions",
    "Query.newReleases": "new",
    "Query.browseTracks": "tracks",
    **{f"Query.{search}": f"search.{search.removeprefix('search').lower()}" for search in SEARCHES},
}
ACCOUNTS = ("viewer",)  # no reads of the catalog: tests/graphql_accounts
MAX_DEPTH = 5
# Names that the compiler, PostgreSQL or the rows themselves use: an alias may be any of them.
AWKWARD_ALIASES = (
    "x",
    "q",
    "r",
    "this",
    "t1",
    "t2",
    "t3",
    "p1",
    "p2",
    "_n",
    "_cursor",
    "_tier",
    "value",
    "place",
    "select",
    "order",
    "row_to_json",
    "ctid",
    "__a",
    "A",
    "x_1",
    "user",
    "true_",
    "null_",
    "i__",
    "json_agg",
    "oid",
)


class Pools:
    """Values that mean something in the catalog, by argument or member name; the same number of which mean nothing."""

    def __init__(self, rows: Catalog) -> None:
        def column(table: str, name: str) -> list[Any]:
            return sorted({row[name] for row in rows[table] if row[name] is not None})

        numbers = {"Artist": ARTISTS, "Label": LABELS, "Release": RELEASES, "Track": TRACKS, "Work": WORKS, "Genre": 8}
        ids = [f"{kind}:{n}" for kind, size in numbers.items() for n in (1, 2, 3, size, size + 1, MERGED, MERGED + 4)]
        self.ids = [b64encode(text.encode()).decode() for text in (*ids, "Nope:1", "Edition:1", "Track:x", "Track:-1")]
        self.ids += ["junk", "", "VHJhY2s6MQ", "é"]
        external = {
            source: [r["external_id"] for r in rows.where("platform_link", source=source)] for source in range(1, 8)
        }
        self.members: dict[str, list[Any]] = {
            "id": self.ids,
            "databaseId": [0, -1, 1, 2, 3, 4, 5, 7, 9, 14, 44, 89, 90, *range(MERGED, MERGED + 6), 2**31 - 1],
            "isrc": [*column("isrc", "code"), "gb-aye-00-00003", " gbaye0000004 ", "junk", ""],
            "spotifyId": [*external[1], "junk"],
            "appleMusicId": [*external[2], ""],
            "tidalId": external[3],
            "beatportId": external[4],
            "discogsId": [*external[5], "12"],
            "youtubeId": external[7],
            "musicbrainzId": [*external[6], *column("artist", "musicbrainz_id"), "junk"],
            "wikidataId": [*column("artist", "wikidata_id"), "Q0"],
            "barcode": [*column("edition", "barcode"), "40 00000-000001"],
            "musicbrainzReleaseId": column("edition", "external_id"),
            "discogsReleaseId": column("edition", "external_id"),
            "musicbrainzReleaseGroupId": column("edition", "group_external_id"),
            "discogsMasterId": column("edition", "group_external_id"),
            "iswc": [*column("iswc", "code"), "T-000.000.000-1", "no"],
        }
        days = ["2000-01-01", "1999-12-31", "2024-02-29", "0987-03-04", "0001-01-01", "9999-12-31"]
        self.arguments: dict[str, list[Any]] = {
            "id": self.ids,
            "code": self.members["iswc"],
            "first": [*(1, 1, 2, 3, 7, 20) * 3, 100],
            "atMost": [None, 0, 1, 3],
            "from": [None, *days],
            "until": [None, *days],
            "edition": [None, *range(1, EDITIONS, 3)],
            "databaseId": [0, 1, 2, 3, 7, 9, -1],
            "labelId": [1, 2, 3, 99],
            "artistId": [1, 2, 3, 9, 99],
            "genre": ["House", "deep house", "no", "ÇA VA"],
            "genreId": [1, 2, 3, 99],
            "year": [987, 1999, 2020, 2024, 1, 9999],
            "title": ["Sun", "sun ночь", "夜", "l'ete", "50%", "\\", "🎧", "say hi", "a"],
            "artist": ["Sun", "back slash", "Ночь", "emoji", "x", "夜 夜"],
            "name": ["Sun", "ночь", "s", "emoji 🎧", "50%_off", "l'été sun"],
        }

        def day(row: Any, name: str, none: str = "-infinity") -> str:
            return none if row[name] is None else str(row[name])

        releases = [[day(r, "release_date"), str(r["id"])] for r in rows["release"]]
        popular = [[str(r["popularity"]), str(r["id"])] for r in rows["track"]]
        ranked = [
            [str(tier), str(score), str(r["popularity"]), str(r["id"])]
            for r in rows["track"][:40]
            for tier, score in ((0, 0), (1, 5), (10, 1))
        ]
        self.cursors: dict[
            str, list[list[str]]
        ] = {  # of rows that exist: "behind" and "at or behind" differ only there
            "Artist.releases": releases,
            "Label.releases": releases,
            "Artist.tracks": popular,
            "Work.recordings": popular,
            "Label.artists": [[str(n), str(i)] for n in range(1, 4) for i in range(1, ARTISTS + 1)],
            "Release.editions": [[day(r, "release_date", "infinity"), str(r["id"])] for r in rows["edition"]],
            "Query.newReleases": [
                [day(r, "release_date"), str(r["popularity"]), str(r["id"])] for r in rows["release"]
            ],
            "Query.browseTracks": [[day(r, "released"), str(r["id"])] for r in rows["track"]],
            **{f"Query.{search}": ranked for search in SEARCHES},
        }


class Operation:
    """`text` and `variables` of one random operation, from the root fields that `roots` allows."""

    def __init__(self, random: Random, schema: GraphQLSchema, pools: Pools, roots: Callable[[str], bool]) -> None:
        self.random, self.schema, self.pools, self.roots, self.count = random, schema, pools, roots, 0
        self.variables: dict[str, Any] = {}
        self.declared: list[str] = []
        self.fragments: list[str] = []
        self.aliases = random.sample(AWKWARD_ALIASES, len(AWKWARD_ALIASES))
        root = self.selection(schema.query_type, 0)
        head = f"query Q({', '.join(self.declared)})" if self.declared else "query Q"
        self.text = " ".join([head + root, *self.fragments])

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def fresh(self, letter: str) -> str:
        self.count += 1
        return f"{letter}{self.count}_"

    def alias(self) -> str:
        """Never the same one twice, so that fields cannot conflict."""
        return self.aliases.pop() if self.aliases and self.chance(0.4) else self.fresh("a")

    def selection(self, kind: Any, depth: int) -> str:
        parts = [self.field(kind, name, depth) for name in self.pick(kind, depth)]
        if is_abstract_type(kind):
            parts += [
                f"... on {possible.name}{self.flag()} {self.selection(possible, depth + 1)}"
                for possible in self.schema.get_possible_types(kind)
                if self.chance(0.6)
            ]
        elif self.chance(0.15) and depth < MAX_DEPTH:
            parts.append(
                f"...{self.random.choice(['', f' on {kind.name}'])}{self.flag()} {self.selection(kind, depth + 1)}"
            )
        if self.chance(0.1) and depth < MAX_DEPTH and not is_abstract_type(kind):
            fragment = self.fresh("F")
            self.fragments.append(f"fragment {fragment} on {kind.name} {self.selection(kind, depth + 1)}")
            parts += [f"...{fragment}{self.flag()}"] * self.random.randint(1, 2)
        if is_object_type(kind) and any(i.name == "Node" for i in kind.interfaces) and self.chance(0.1):
            parts.append(f"... on Node {{ {self.alias()}: id }}")
        if not parts or self.chance(0.15):
            parts.append(self.random.choice(["__typename", f"{self.alias()}: __typename"]))
        self.random.shuffle(parts)
        return "{ " + " ".join(parts) + " }"

    def pick(self, kind: Any, depth: int) -> list[str]:
        fields = list(getattr(kind, "fields", {}))
        if kind is self.schema.query_type:
            fields = [name for name in fields if self.roots(name)]
        if depth >= MAX_DEPTH or self.count > 25:
            fields = [name for name in fields if is_leaf_type(get_named_type(kind.fields[name].type))]
        else:
            # Scalars are many and soon told: what leads on is asked for as often.
            leading = [name for name in fields if not is_leaf_type(get_named_type(kind.fields[name].type))]
            fields = fields if self.chance(0.5) or not leading else leading
        return [self.random.choice(fields) for _ in range(self.random.randint(1, 4))] if fields else []

    def field(self, kind: Any, name: str, depth: int) -> str:
        field = kind.fields[name]
        arguments = self.arguments(f"{kind.name}.{name}", field)
        # `iswcs` are strings of a work and objects of a track, which conflict under Node.
        alias = f"{self.alias()}: " if field.args or name == "iswcs" or self.chance(0.25) else ""
        self.count += 1
        target = get_named_type(field.type)
        inner = "" if is_leaf_type(target) else " " + self.selection(target, depth + 1)
        return f"{alias}{name}{'(' + ', '.join(arguments) + ')' if arguments else ''}{self.flag()}{inner}"

    def flag(self) -> str:
        if not self.chance(0.1):
            return ""
        value = (
            self.variable("Boolean!", self.chance(0.5)) if self.chance(0.7) else self.random.choice(("true", "false"))
        )
        return f" @{self.random.choice(['skip', 'include'])}(if: {value})"

    def variable(self, kind: str, value: Any, *, default: bool = False) -> str:
        name = self.fresh("v")
        if default and self.chance(0.3):
            self.declared.append(f"${name}: {kind.rstrip('!')} = {literal(value)}")
            if self.chance(0.5):
                return "$" + name
        else:
            self.declared.append(f"${name}: {kind}")
        self.variables[name] = value
        return "$" + name

    def arguments(self, place: str, field: Any) -> list[str]:
        names = list(field.args)
        if place == "Query.browseTracks":
            conditions = ["labelId", "artistId", self.random.choice(["genre", "genreId"]), "year"]
            needed = self.random.choice(conditions)
            written = [f"{needed}: {self.value(place, needed, field.args[needed], optional=False)}"]
            names = [n for n in (*conditions, "first", "after") if n != needed and self.chance(0.4)]
        else:
            written = []
        return written + [f"{n}: {v}" for n in names if (v := self.value(place, n, field.args[n])) is not None]

    def value(  # noqa: PLR0911  # one return a form
        self, place: str, name: str, spec: Any, *, optional: bool = True
    ) -> str | None:
        """A literal, a variable, a variable in an object or list, null or nothing."""
        if name == "items":
            return self.lines()
        if name == "by":
            return self.enum(spec) if is_enum_type(get_nullable_type(spec.type)) else self.by(spec)
        if name == "platforms":
            return self.platforms()
        if name == "ids":
            ids = [self.random.choice(self.pools.ids) for _ in range(self.random.randint(0, 4))]
            if self.chance(0.4):
                return self.variable("[ID!]!", ids)
            return "[" + ", ".join(self.variable("ID!", i) if self.chance(0.3) else literal(i) for i in ids) + "]"
        value = self.cursor(place) if name == "after" else self.random.choice(self.pools.arguments[name])
        has_default = not is_non_null_type(spec.type) or spec.default is not None
        if optional and has_default and self.chance(0.3):
            return None
        if self.chance(0.4):
            # A default only where the variable's type may lose its "!": an explicit null must fit the argument.
            return self.variable(str(spec.type), value, default=value is not None and has_default)
        return literal(value)

    def by(self, spec: Any) -> str:
        kind = get_nullable_type(spec.type)
        key: str = self.random.choice(list(kind.fields))
        value = self.random.choice(self.pools.members[key])
        if self.chance(0.3):
            return self.variable(str(spec.type), {key: value})
        inner = self.variable(f"{kind.fields[key].type}!", value) if self.chance(0.5) else literal(value)
        return "{" + key + ": " + inner + "}"

    def enum(self, spec: Any) -> str:
        kind = get_nullable_type(spec.type)
        value: str = self.random.choice(list(kind.values))
        return self.variable(str(spec.type), value) if self.chance(0.4) else value

    def lines(self) -> str:
        """Of a bulk resolve: whatever somebody has in a column."""
        values = [
            *self.random.sample(self.pools.members["isrc"], 2),
            *self.random.sample(self.pools.members["musicbrainzId"], 2),
            *(
                "Sun - Sun",
                "夜 - 夜 Ночь",
                {"artist": "Sun", "title": "l'été"},
                {"artist": 1},
                [],
                None,
                True,
                5,
                MERGED,
                "7",
            ),
        ]
        items = self.random.sample(values, self.random.randint(1, 5))
        if self.chance(0.4):
            return self.variable("[JSON]!", items)
        return "[" + ", ".join(self.variable("JSON", i) if self.chance(0.3) else literal(i) for i in items) + "]"

    def platforms(self) -> str | None:
        names = ["SPOTIFY", "APPLE_MUSIC", "TIDAL", "BEATPORT", "DISCOGS", "MUSICBRAINZ", "YOUTUBE"]
        value = self.random.choice([None, [], [self.random.choice(names)], self.random.sample(names, 3)])
        if self.chance(0.4):
            return self.variable("[Platform!]", value)
        if value and self.chance(0.4):
            marks = [self.variable("Platform!", name) if self.chance(0.5) else name for name in value]
            return "[" + ", ".join(marks) + "]"
        return None if self.chance(0.2) else literal(value).replace('"', "")

    def cursor(self, place: str) -> str | None:
        if self.chance(0.5):
            return None
        keys = self.random.choice(self.pools.cursors[place])
        return urlsafe_b64encode(json.dumps([LISTS[place], *keys]).encode()).decode()


def literal(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {literal(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(literal, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
