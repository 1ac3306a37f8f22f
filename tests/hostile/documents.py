"""GraphQL documents made to cost time or memory, by what they are."""

from collections.abc import Callable


def _many(piece: Callable[[int], str], number: int) -> str:
    return " ".join(map(piece, range(number)))


def _nested(opening: str, inner: str, closing: str, depth: int) -> str:
    return opening * depth + inner + closing * depth


REFUSED = {
    "80 KB of directives": "{ __typename " + "@a" * 40_000 + " }",
    "20 KB of directives": "{ __typename " + "@a" * 9_500 + " }",
    "1,000 directives": "{ __typename " + "@skip(if:false)" * 250 + " }",
    "5,000 aliases": "{" + _many(lambda n: f"a{n}:__typename", 5_000) + "}",
    "450 aliases": "{" + _many(lambda n: f"a{n}:__typename", 450) + "}",
    "one field 1,400 times": "{ track(by: { databaseId: 1 }) {" + "title " * 1_400 + "} }",
    "one object field 360 times": "{" + "genres{name}" * 360 + "}",
    "one field with arguments 200 times": "{" + "genre(databaseId:1){name}" * 200 + "}",
    "nested fields 280 times": "{" + "genres{subgenres{name}}" * 280 + "}",
    "9,000 braces": "{" + "a{" * 9_000,
    "990 braces": _nested("{ a ", "{ b }", "}", 990),
    "60 levels": "{ genres " + _nested("{ subgenres ", "{ name }", "}", 60) + "}",
    "990 brackets in a value": "{ nodes(ids: " + _nested("[", "", "]", 990) + ") { id } }",
    "490 objects in a value": "{ track(by: " + _nested("{ a: ", "1", "}", 490) + ") { title } }",
    "990 brackets in a type": "query($a: " + _nested("[", "Int", "]", 990) + ") { __typename }",
    "1,900 parentheses": "{ a" + "(" * 1_900 + " }",
    "300 inline fragments": "{" + _nested("... {", " __typename ", "}", 300) + "}",
    "a number of 19,000 digits": "{ genre(databaseId: " + "9" * 19_000 + ") { name } }",
    "a number of 30 digits": "{ genre(databaseId: " + "9" * 30 + ") { name } }",
    "a page of 19,000 digits": "{ newReleases(first: " + "9" * 19_000 + ") { nodes { title } } }",
    "a page of 4,999": "{ newReleases(first: 4999) { nodes { title } } }",
    "1e400": "{ genre(databaseId: 1e400) { name } }",
    "a string of 100 KB": '{ track(by: { isrc: "' + "x" * 100_000 + '" }) { title } }',
    "a list of 1,400": "{ nodes(ids: [" + '"x" ' * 1_400 + "]) { id } }",
    "a lone surrogate": '{ track(by: { spotifyId: "\\ud800" }) { title } }',
    "a lone low surrogate": '{ searchArtists(name: "\\udfff") { nodes { name } } }',
    "a NUL in a name": '{ searchTracks(artist: "a\\u0000b", title: "\\u0000x") { nodes { title } } }',
    "a date that is none": '{ artist(by: { databaseId: 1 }) { releases(from: "x") { nodes { title } } } }',
    "a date that is a number": "{ artist(by: { databaseId: 1 }) { releases(from: 5) { nodes { title } } } }",
    "a week for a date": '{ artist(by: { databaseId: 1 }) { releases(from: "2001-W10-1") { nodes { title } } } }',
    "fragments in a circle": "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
    "a fragment in itself": "{ ...A } fragment A on Query { ...A ...A ...A }",
    "a circle through fields": "{ genres { ...A } } fragment A on Genre { subgenres { ...A } }",
    "2^40 spreads": "{ ...F0 } "
    + _many(lambda n: f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}", 40)
    + " fragment F40 on Query { __typename }",
    "2^40 spreads with fields": "{ ...F0 } "
    + _many(lambda n: f"fragment F{n} on Query {{ genres {{ name }} ...F{n + 1} ...F{n + 1} }}", 40)
    + " fragment F40 on Query { __typename }",
    "2^17 spreads through fields": "{ genres { ...F0 } } "
    + _many(lambda n: f"fragment F{n} on Genre {{ subgenres {{ ...F{n + 1} ...F{n + 1} }} }}", 17)
    + " fragment F17 on Genre { name }",
    "150 fragments in a chain": "{ ...F0 } "
    + _many(lambda n: f"fragment F{n} on Query {{ genres {{ name }} ...F{n + 1} }}", 150)
    + " fragment F150 on Query { __typename }",
    "700 unknown fragments": "{" + _many(lambda n: f"...F{n}", 700) + "}",
    "1,400 unknown fields": "{" + _many(lambda n: f"titel{n}", 1_400) + "}",
    "450 unknown arguments": "{ genre(" + _many(lambda n: f"databaseIe{n}: 1", 450) + ") { name } }",
    "one argument 450 times": "{ genre(" + "databaseId: 1 " * 450 + ") { name } }",
    "230 unknown types": "{" + _many(lambda n: f"... on Qvery{n} {{ a }}", 230) + "}",
    "1,400 unknown enum values": "{ track(by: { databaseId: 1 }) { links(platforms: ["
    + "SPOTIFI " * 1_400
    + "]) { url } } }",
    "290 operations": _many(lambda n: f"query A{n} {{ __typename }}", 290),
    "490 operations without a name": _many(lambda _: "{ __typename }", 490),
    "360 variables": "query(" + _many(lambda n: f"$a{n}: Int", 360) + ") { __typename }",
    "one variable 360 times": "query(" + "$a: Int " * 360 + ") { __typename }",
    "quotes": "{" + '"' * 19_000 + "}",
    "a block string of lines": '{ a(b: """' + "\n " * 9_000 + '""") }',
    "10^10 rows": "{ newReleases(first: 100) { nodes { tracks(first: 1000) { track { "
    "releases(first: 100) { tracks(first: 1000) { title } } } } } } }",
    "introspection in a circle": "{ __schema { types " + _nested("{ fields { type ", "{ name }", "} }", 5) + " } }",
    "introspection of possible types": "{ __schema { types { possibleTypes { interfaces { possibleTypes { interfaces "
    "{ possibleTypes { name } } } } } } } }",
    "an alias of 5,000 characters": "{ " + "a" * 5_000 + ": __typename }",
    "a mutation that is not there": "mutation { drop }",
    "a subscription": "subscription { __typename }",
    "a definition": "type Query { a: Int }",
    "nothing": "",
    "a comment": "#" * 19_000,
    "a NUL": "{ __typename \0 }",
    "a byte order mark in the middle": "{ __typename \ufeff\ufeff @@ }",
}

# Not wrong, and answered: within bounds, and as cheap as what is refused.
ANSWERED = {
    "a name of 19,000 letters": '{ searchArtists(name: "' + "x" * 19_000 + '") { nodes { name } } }',
    "1,900 words": '{ searchTracks(artist: "'
    + "love " * 1_900
    + '", title: "'
    + "the " * 1_900
    + '") { nodes { title } } }',
    "a NUL in a code": '{ track(by: { isrc: "\\u0000" }) { title } }',
    "19,000 commas": "," * 19_000 + "{ __typename }",
    "the whole schema": "{ __schema { types { name fields { name "
    "args { name type { name ofType { name ofType { name } } } } "
    "type { name ofType { name ofType { name ofType { name } } } } } } } }",
    "a dear page": "{ newReleases(first: 100) { nodes { tracks(first: 300) { title } } } }",
}
