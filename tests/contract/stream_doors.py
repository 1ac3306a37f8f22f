"""Streams through three doors: REST, GraphQL, the vendor's client. All answer in the contract's shapes."""

from typing import Any, Protocol

import httpx
from sonovault import SonoVault, SonoVaultError

from tests.contract.doors import Json, Refused
from tests.contract.graphql_door import TRACK, _renamed

STREAM = "restId url name status format detectionMode outageNotifications createdAt stoppedAt"
STATUS = f"{STREAM} runtimeStatus statusReason nowPlaying {{ track {{ {TRACK} }} startedAt }} lastRecognizedAt"
CODES = {"InvalidInput": 400, "PlanRequired": 403, "NotFound": 404, "Conflict": 409, "LimitReached": 429}
ENUMS = ("status", "format", "detection_mode", "runtime_status")


class StreamDoor(Protocol):
    """The six routes."""

    def create(self, **body: Any) -> Json: ...

    def listed(self) -> list[Json]: ...

    def get(self, number: str) -> Json: ...

    def update(self, number: str, **body: Any) -> Json: ...

    def stop(self, number: str) -> None: ...

    def history(self, number: str, **options: Any) -> Json: ...


class RestStreams:
    """Plain HTTP."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client

    def create(self, **body: Any) -> Json:
        return self._ask("POST", "/v1/streams", 201, json=body)

    def listed(self) -> list[Json]:
        found = self._ask("GET", "/v1/streams", 200)
        assert list(found) == ["streams"]
        streams: list[Json] = found["streams"]
        return streams

    def get(self, number: str) -> Json:
        return self._ask("GET", f"/v1/streams/{number}", 200)

    def update(self, number: str, **body: Any) -> Json:
        return self._ask("PATCH", f"/v1/streams/{number}", 200, json=body)

    def stop(self, number: str) -> None:
        answer = self.client.delete(f"/v1/streams/{number}")
        if answer.status_code != httpx.codes.NO_CONTENT:
            raise Refused(answer.status_code, answer.json()["error"])
        assert answer.content == b""

    def history(self, number: str, **options: Any) -> Json:
        return self._ask("GET", f"/v1/streams/{number}/history", 200, params=options)

    def _ask(self, method: str, path: str, status: int, **options: Any) -> Json:
        answer = self.client.request(method, path, **options)
        body: Json = answer.json()
        if answer.status_code != status:
            assert list(body) == ["error"]
            raise Refused(answer.status_code, body["error"])
        return body


class VendorStreams:
    """The vendor's own client, unchanged but for its base_url."""

    def __init__(self, client: SonoVault) -> None:
        self.client = client

    def create(self, **body: Any) -> Any:
        return self._ask(self.client.streams.create, body)

    def listed(self) -> list[Json]:
        streams: list[Json] = self._ask(self.client.streams.list)["streams"]
        return streams

    def get(self, number: str) -> Any:
        return self._ask(self.client.streams.get, number)

    def update(self, number: str, **body: Any) -> Any:
        return self._ask(self.client.streams.update, number, body)

    def stop(self, number: str) -> None:
        assert self._ask(self.client.streams.stop, number) is None

    def history(self, number: str, **options: Any) -> Any:
        return self._ask(self.client.streams.history, number, **options)

    @staticmethod
    def _ask(method: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return method(*args, **kwargs)
        except SonoVaultError as error:
            raise Refused(error.status, str(error)) from error


class GraphQLStreams:
    """Mutations and fields of the viewer, under the contract's names."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client

    def create(self, **body: Any) -> Json:
        return self._change("Create", body)

    def update(self, number: str, **body: Any) -> Json:
        changed = self._change("Update", {"id": self._id(number), **body})
        return {name: changed[name] for name in ("id", *body)}

    def stop(self, number: str) -> None:
        self._change("Stop", {"id": self._id(number)})

    def listed(self) -> list[Json]:
        query = f"{{ viewer {{ streams(first: 100) {{ nodes {{ {STREAM} }} }} }} }}"
        return [_shaped(stream) for stream in self._ask(query)["viewer"]["streams"]["nodes"]]

    def get(self, number: str) -> Json:
        return _shaped(self._stream(number, STATUS))

    def history(self, number: str, **options: Any) -> Json:
        given = ", ".join(
            f"{ {'limit': 'first', 'cursor': 'after'}.get(name, name) }: {value if name == 'limit' else quoted(value)}"
            for name, value in options.items()
        )
        selection = f"{{ nodes {{ track {{ {TRACK} }} startedAt confidence }} nextCursor }}"
        plays = f"plays{f'({given})' if given else ''} {selection}"
        found = self._stream(number, plays)["plays"]
        return {"results": _renamed(found["nodes"]), "next_cursor": found["nextCursor"]}

    def _stream(self, number: str, selection: str) -> Json:
        found: Json | None = self._ask(f"{{ viewer {{ stream(databaseId: {_number(number)}) {{ {selection} }} }} }}")[
            "viewer"
        ]["stream"]
        if found is None:
            raise Refused(404, "Not found")
        return found

    def _id(self, number: str) -> str:
        identifier: str = self._stream(number, "id")["id"]
        return identifier

    def _change(self, what: str, body: Json) -> Json:
        given = {_camel(name): value for name, value in body.items()}
        for name in ("format", "detectionMode"):
            if isinstance(given.get(name), str):
                given[name] = given[name].upper()
        query = f"""mutation($input: Stream{what}Input!) {{ done: stream{what}(input: $input) {{ __typename
          ... on Stream{what}Payload {{ stream {{ {STREAM} }} }} ... on Problem {{ message }} }} }}"""
        done = self._ask(query, input=given)["done"]
        if "message" in done:
            raise Refused(CODES[done["__typename"]], done["message"])
        return _shaped(done["stream"])

    def _ask(self, query: str, **variables: Any) -> Json:
        body = self.client.post("/graphql", json={"query": query, "variables": variables}).json()
        if "errors" in body:
            code = body["errors"][0]["extensions"]["code"]
            raise Refused({"BAD_USER_INPUT": 400, "PLAN_REQUIRED": 403}.get(code, 500), body["errors"][0]["message"])
        data: Json = body["data"]
        return data


def quoted(text: str) -> str:
    return f'"{text}"'


def _number(number: str) -> int:
    return int(number) if number.isdecimal() else 0


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word.title() for word in rest)


def _shaped(stream: Json) -> Json:
    shaped: Json = _renamed(stream)
    for name in ENUMS:
        if isinstance(shaped.get(name), str):
            shaped[name] = shaped[name].lower()
    return {"id": shaped.pop("rest_id"), **shaped}
