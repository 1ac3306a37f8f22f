"""openapi.json: valid, complete, current, and telling the truth about the contract and its own examples."""

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import is_non_null_type
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from openapi_spec_validator import OpenAPIV31SpecValidator

from compat_rest.v1.openapi import TAGS, examples, openapi, render
from compat_rest.v1.operations import sample, sample_target
from compat_rest.v1.params import Param
from compat_rest.v1.routes import ROUTES, Route
from schema.build import build
from sonograph.errors import Invalid

ROOT = Path(__file__).parents[2]
CONTRACT = (ROOT.parent / "shared/contract/rest_v1.md").read_text(encoding="utf-8")
CATALOG = ("tracks", "artists", "labels", "releases", "genres", "suggestions", "streams")
FEEDS = {"GET /v1/streams/live"}  # no JSON, and no row of the table
OURS = {"format", "template", "time_zone", "bom"}  # parameters of the report's files
NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*")

Json = dict[str, Any]
by_path = pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.key)
with_body = pytest.mark.parametrize("route", [r for r in ROUTES if r.status != 204], ids=lambda route: route.key)


@pytest.fixture(scope="module")
def document() -> Json:
    return openapi()


@pytest.fixture(scope="module")
def schemas(document: Json) -> dict[str, Json]:
    found: dict[str, Json] = document["components"]["schemas"]
    return found


def operation_of(document: Json, route: Route) -> Json:
    found: Json = document["paths"][route.path][route.method.lower()]
    return found


def body_schema(document: Json, route: Route) -> Json:
    schema: Json = operation_of(document, route)["responses"][str(route.status)]["content"]["application/json"][
        "schema"
    ]
    return schema


def walk(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield path, value
    if isinstance(value, dict):
        for key, member in value.items():
            if key not in ("example", "examples"):
                yield from walk(member, (*path, str(key)))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from walk(item, (*path, str(index)))


def checker(document: Json, route: Route) -> Draft202012Validator:
    """Validates a route's body, and refuses members that the document does not know."""
    components = copy.deepcopy(document["components"])
    for schema in components["schemas"].values():
        if "properties" in schema:
            schema["additionalProperties"] = False
    return Draft202012Validator(
        {**body_schema(document, route), "components": components}, format_checker=Draft202012Validator.FORMAT_CHECKER
    )


def route_of(operation: str) -> Route:
    return next(route for route in ROUTES if route.operation == operation)


def params_of(route: Route) -> tuple[Param, ...]:
    return (*route.params, *(route.one_of.params if route.one_of else ()))


def test_the_document_is_valid_openapi() -> None:
    OpenAPIV31SpecValidator(json.loads(render())).validate()


def test_the_committed_file_is_current() -> None:
    assert (ROOT / "openapi.json").read_text(encoding="utf-8") == render(), "python -m compat_rest.v1.examples"


def test_a_server_is_named_without_building_the_document_again(document: Json) -> None:
    assert document["servers"] == [{"url": "/"}]
    named = openapi("https://music.example")
    assert named["servers"] == [{"url": "https://music.example"}]
    assert named["paths"] is document["paths"]


def test_every_route_is_there_and_nothing_else(document: Json) -> None:
    assert list(document["paths"]) == [*dict.fromkeys(route.path for route in ROUTES), "/v1/streams/live"]
    told = [f"{method.upper()} {path}" for path, item in document["paths"].items() for method in item]
    assert sorted(told) == sorted([*(route.key for route in ROUTES), *FEEDS])
    operations = [operation_of(document, route)["operationId"] for route in ROUTES]
    assert len(set(operations)) == len(ROUTES)
    assert {tag for route in ROUTES for tag in operation_of(document, route)["tags"]} == set(TAGS)


@by_path
def test_every_parameter_is_there(document: Json, route: Route) -> None:
    told = operation_of(document, route)["parameters"]
    assert [p["name"] for p in told] == [param.name for param in params_of(route)]
    for parameter, param in zip(told, params_of(route), strict=True):
        assert parameter["description"]
        assert parameter["required"] is param.required
        assert parameter["schema"].get("default") == param.default
        assert (parameter["in"] == "path") is (f"{{{param.name}}}" in route.path)
        if "example" in parameter:
            validator = Draft202012Validator(parameter["schema"], format_checker=Draft202012Validator.FORMAT_CHECKER)
            validator.validate(parameter["example"])


@by_path
def test_bounds_are_those_that_the_parser_keeps(document: Json, route: Route) -> None:
    for parameter, param in zip(operation_of(document, route)["parameters"], params_of(route), strict=True):
        if param.kind == "int":
            low, high = parameter["schema"]["minimum"], parameter["schema"]["maximum"]
            assert (param.parse(str(low)), param.parse(str(high))) == (low, high)
            for outside in (low - 1, high + 1):
                with pytest.raises(Invalid, match=f"^{param.name} must be"):
                    param.parse(str(outside))


@by_path
def test_the_form_filled_with_examples_is_a_request_that_works(route: Route) -> None:
    """Swagger UI puts every parameter's example into its form: of those that exclude each other, one may have one."""
    chosen = {name: str(value) for name, value in sample(route).items()}
    if route.one_of:
        assert len(route.one_of.parse(chosen)) == 1
    if route.needs_any:
        assert set(route.needs_any) & set(chosen)
    assert not {"genre", "genreId"} <= set(chosen)
    for param in route.params:
        param.parse(chosen.get(param.name))
    assert "{" not in sample_target(route)


def test_lookups_may_find_nothing_and_lists_are_just_empty(document: Json) -> None:
    missing = {route.key for route in ROUTES if "404" in operation_of(document, route)["responses"]}
    lists = {
        "GET /v1/tracks/browse",
        "POST /v1/tracks/resolve",
        "POST /v1/tracks/identify",
        "GET /v1/releases/new",
        "GET /v1/genres",
        "GET /v1/suggestions",
        "GET /v1/streams",
    } | {f"GET /v1/{tag}/search" for tag in CATALOG[:4]}
    assert missing == {route.key for route in ROUTES} - lists
    for route in ROUTES:
        of_bodies = {"413", "415"} if route.takes else set()
        if route.takes and route.takes.act:
            of_bodies |= {"409"}
        told = set(operation_of(document, route)["responses"]) - {"404"}
        assert told == {str(route.status), "400", "401", "403", "429", "503"} | of_bodies


def test_paid_routes_say_so(document: Json) -> None:
    paid = {route.path for route in ROUTES if "paid plan" in operation_of(document, route)["description"]}
    assert paid == {route.path for route in ROUTES if route.paid}
    tracks = {f"/v1/tracks/{of}" for of in ("browse", "identify", "{id}/suggestions")}
    assert paid == tracks | {"/v1/suggestions"} | {route.path for route in ROUTES if route.tag == "Streams"}
    texts = document["components"]["responses"]["PaidPlan"]["content"]["application/json"]["examples"]
    assert "paid" in texts["plan"]["value"]["error"]


def test_errors_are_one_text(document: Json) -> None:
    validator = Draft202012Validator(document["components"]["schemas"]["Error"] | {"additionalProperties": False})
    shown = {
        name: [example["value"] for example in response["content"]["application/json"]["examples"].values()]
        for name, response in document["components"]["responses"].items()
    }
    for bodies in shown.values():
        for body in bodies:
            validator.validate(body)
    assert shown["Unauthorized"] == [{"error": "Missing or invalid API key"}]
    assert shown["NotFound"] == [{"error": "Not found"}]
    assert shown["BadRequest"] == [
        {"error": "artist is required"},
        {"error": "limit must be a whole number from 1 to 100"},
    ]


@with_body
def test_the_example_fits_its_schema(document: Json, route: Route) -> None:
    answer = operation_of(document, route)["responses"][str(route.status)]["content"]["application/json"]["example"]
    assert answer == examples()[route.key]
    checker(document, route).validate(answer)


def test_there_are_no_examples_of_other_routes() -> None:
    assert list(examples()) == [route.key for route in ROUTES if route.status != 204]


def test_the_checker_refuses_what_is_not_so(document: Json) -> None:
    """Guards the test above: absent members, unknown ones, nulls and wrong enum values do not pass."""
    route = route_of("ReleaseById")
    validator, answer = checker(document, route), examples()[route.key]
    changes: tuple[tuple[str, Any], ...] = (
        ("title", None),
        ("track_count", "4"),
        ("release_date", "2001-13-01"),
        ("editions", [answer["editions"][0] | {"source": "MUSICBRAINZ"}]),
        ("tracks", None),
        ("unheard_of", 1),
    )
    for name, value in changes:
        with pytest.raises(ValidationError):
            validator.validate(answer | {name: value})
    for name in answer:
        with pytest.raises(ValidationError):
            validator.validate({key: value for key, value in answer.items() if key != name})


def test_what_may_be_null_in_graphql_may_be_null_here(schemas: dict[str, Json]) -> None:
    def nulls(schema: str) -> set[str]:
        properties = schemas[schema]["properties"]
        return {
            name
            for name in properties
            if Draft202012Validator({**properties[name], "components": {"schemas": schemas}}).is_valid(None)
        }

    assert nulls("Track") == {"isrc", "duration", "bpm", "key_alphanumeric", "key_musical", "key_open"}
    assert nulls("ReleaseSummary") == {"label", "release_date", "catalog_no"}
    assert nulls("ReleaseTrack") == nulls("Track") | {"disc_number", "track_number"}
    assert nulls("Edition") == set(schemas["Edition"]["properties"]) - {"id", "source", "external_id", "tracks_on_row"}
    assert nulls("TrackPage") == nulls("TrackBrowse") == {"next_cursor"}
    assert nulls("Genre") == {"parent"}


def test_nullability_agrees_with_the_graphql_schema_member_by_member(schemas: dict[str, Json]) -> None:
    """Fragments of one GraphQL type, matched by name: REST members are GraphQL's in snake case, but for a few."""
    types = build()._schema.type_map
    compared = 0
    for component in ("Track", "Artist", "Label", "Edition", "Release", "ReleaseTrack", "Link", "Genre", "Iswc"):
        of: Any = types[{"Link": "PlatformLink"}.get(component, component)]
        by_snake = {re.sub(r"([A-Z])", r"_\1", name).lower(): field for name, field in of.fields.items()}
        for name, schema in schemas[component]["properties"].items():
            if name in by_snake and name not in ("id", "parent", "label", "tracks", "editions"):
                is_null = "null" in schema.get("type", ()) or {"type": "null"} in schema.get("anyOf", ())
                assert is_null is not is_non_null_type(by_snake[name].type), f"{component}.{name}"
                compared += 1
    assert compared > 60


def test_absent_values_are_null_never_missing(schemas: dict[str, Json]) -> None:
    for name, schema in schemas.items():
        if schema["type"] == "object":
            assert schema["required"] == (["id"] if name == "StreamUpdate" else list(schema["properties"]))


def test_every_reference_leads_somewhere_and_no_component_is_unused(document: Json) -> None:
    used = {value["$ref"] for _, value in walk(document) if isinstance(value, dict) and "$ref" in value}
    there = {
        f"#/components/{kind}/{name}" for kind in ("schemas", "responses") for name in document["components"][kind]
    }
    assert used == there
    schemes = {name for requirement in document["security"] for name in requirement}
    assert schemes == set(document["components"]["securitySchemes"])


def test_everything_is_described(document: Json, schemas: dict[str, Json]) -> None:
    for name, schema in schemas.items():
        assert schema["description"].strip(), name
        for member, property_schema in schema.get("properties", {}).items():
            assert property_schema["description"].strip(), f"{name}.{member}"
    for route in ROUTES:
        assert operation_of(document, route)["summary"]
        assert operation_of(document, route)["description"]


def test_descriptions_use_the_words_of_v1(document: Json, schemas: dict[str, Json]) -> None:
    """`databaseId`, `nodes` and `after` are GraphQL's; members that a description points to are beside it."""
    known = {"labelId", "artistId", "genreId"}
    for path, value in walk(document):
        if path and path[-1] == "description":
            assert not set(re.findall(r"`([a-z]+[A-Z]\w*)`", value)) - known, value
            assert "GraphQL" not in value or path == ("info", "description")
            assert "REST" not in value
    for schema in schemas.values():
        for member in schema.get("properties", {}).values():
            for pointed in re.findall(r"see `(\w+)`", member["description"]):
                assert pointed in schema["properties"]


def test_generated_clients_have_a_name_for_everything(document: Json, schemas: dict[str, Json]) -> None:
    """Enums and objects are components; every schema has a type; nothing is left open."""
    assert all(NAME.fullmatch(name) for name in schemas)
    for path, value in walk(document["components"]["schemas"]):
        if isinstance(value, dict) and len(path) > 1 and path[-1] != "properties":
            assert "enum" not in value, path
            assert "allOf" not in value, path
            assert "properties" not in value, path
            assert path[-1] == "input" or {"type", "$ref", "anyOf"} & set(value), path  # what resolve echoes is open
    for route in ROUTES:
        if route.status != 204:
            assert set(body_schema(document, route)) == {"$ref"}


def test_enum_values_are_those_of_the_contract(schemas: dict[str, Json]) -> None:
    shapes = " ".join(CONTRACT.split())
    for member, component in (
        ("edition_kind", "EditionKind"),
        ("format", "EditionFormat"),
        ("date_precision", "DatePrecision"),
        ("type", "GenreType"),
    ):
        listed = re.search(rf'\b{member}: ((?:"\w+"\|)+(?:"\w+"|null))', shapes)
        assert listed is not None, member
        assert schemas[component]["enum"] == re.findall(r'"(\w+)"', listed[1])
    platforms = re.search(r"`Link` `{ source: ([^,]+),", shapes)
    assert platforms is not None
    assert schemas["Platform"]["enum"] == re.findall(r'"(\w+)"', platforms[1])


@pytest.mark.parametrize("name", ["Artist", "Label", "ReleaseSummary", "Edition", "Link", "Genre"])
def test_members_are_those_of_the_contract(schemas: dict[str, Json], name: str) -> None:
    shape = re.search(rf"^`{name}` `\{{(.*?)\}}`", CONTRACT, re.MULTILINE | re.DOTALL)
    assert shape is not None
    assert list(schemas[name]["properties"]) == members(shape[1])


def test_tracks_are_those_of_the_contract(schemas: dict[str, Json]) -> None:
    shape = re.search(r"^`Track` .*?^```\n\{(.*?)\}\n```", CONTRACT, re.MULTILINE | re.DOTALL)
    assert shape is not None
    named = set(re.findall(r"(\w+):", without_nested(shape[1])))
    assert set(schemas["Track"]["properties"]) == named
    assert set(schemas["ReleaseTrack"]["properties"]) == named - {"releases"} | {
        "disc_number",
        "track_number",
    }


def members(shape: str) -> list[str]:
    """Names of the members of a shape as the contract writes it."""
    return [match[0] for part in without_nested(shape).split(",") if (match := re.search(r"\w+", part))]


def without_nested(shape: str) -> str:
    while (flat := re.sub(r"\{[^{}]*\}|\([^()]*\)|\[[^\[\]]*\]", "", shape)) != shape:
        shape = flat
    return shape


def contract_rows() -> dict[str, str]:
    """Method and path of each route → what the contract's table says about its parameters."""
    rows = re.findall(r"^\| ([A-Z]+) (/v1/(\w+)\S*) \|(.*?)\| ", CONTRACT, re.MULTILINE)
    told = {f"{method} {path}": parameters for method, path, area, parameters in rows if area in CATALOG}
    return {key: parameters for key, parameters in told.items() if key not in FEEDS}


def test_the_table_has_every_catalog_route_of_the_contract() -> None:
    assert set(contract_rows()) == {route.key for route in ROUTES}


@by_path
def test_parameters_are_those_of_the_contract(document: Json, route: Route) -> None:
    if route.takes:
        asked = operation_of(document, route)["requestBody"]["content"]["application/json"]["schema"]
        said = contract_rows()[route.key]
        assert set(asked["required"]) == set(re.findall(r"(\w+)\*", said))
        assert set(asked["properties"]) <= set(re.findall(r"\w+", said))
        return
    cell = contract_rows()[route.key]
    queries = {p["name"]: p for p in operation_of(document, route)["parameters"] if p["in"] == "query"}
    everywhere = {p.name for other in ROUTES for p in params_of(other) if not p.in_path}
    plain = re.sub(r"\([^)]*\)", "", cell)
    assert set(queries) - OURS == everywhere & set(re.findall(r"\w+", plain)) - OURS
    assert {name for name, p in queries.items() if p["required"]} == set(re.findall(r"(\w+)\*", plain))
    if bounds := re.search(r"limit (\d+)\D(\d+) = (\d+)", cell):
        schema = queries["limit"]["schema"]
        assert [schema["minimum"], schema["maximum"], schema["default"]] == [int(n) for n in bounds.groups()]
    elif "limit" in queries:
        assert [queries["limit"]["schema"][key] for key in ("minimum", "maximum", "default")] == [1, 100, 20]


def test_a_date_is_written_in_one_way() -> None:
    since = next(param for param in params_of(route_of("ArtistReleases")) if param.name == "from")
    assert since.parse("2001-12-31") == "2001-12-31"
    for text in ("20011231", "2001-W01-1", "2001-W011", "2001-02-30", "2001-1-1", "2001-12-31T00:00:00", "yesterday"):
        with pytest.raises(Invalid, match=r"^from must be a date, YYYY-MM-DD$"):
            since.parse(text)
