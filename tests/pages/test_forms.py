"""Forms that did not come from our pages, input that fits no field, and what all pages with forms have in common."""

from collections.abc import Iterator
from datetime import date
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.responses import Response
from starlette.routing import Route

from api.pages import accounts
from api.pages.cookies import Cookies
from sonograph.settings import Settings
from tests.pages.test_pages import Elements
from tests.pages.visitors import Person, Reader, make_person, query

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
LIVE = {"/dashboard/streams"}  # pages whose script asks our own server
LIVE_POLICY = POLICY.replace("base-uri", "connect-src 'self'; base-uri")
ROUTES = [route for route in accounts.routes() if isinstance(route, Route)]
POSTS = sorted(route.path.replace("{id:int}", "1") for route in ROUTES if "POST" in (route.methods or ()))
PUBLIC = ("/sign-up", "/sign-in", "/forgot", "/resend")
NO_PAGES = {"/dashboard/streams/feed"}  # server-sent events, without an end: tests/pages/test_streams_browser.py
PRIVATE = sorted(
    r.path
    for r in ROUTES
    if "GET" in (r.methods or ()) and r.path.startswith("/dashboard") and "{" not in r.path and r.path not in NO_PAGES
)


@pytest.fixture(scope="module")
def somebody(home: str, database_url: str) -> Person:
    """A reviewer, for tests that change nothing."""
    assert home
    return make_person(database_url, "scale", reviewer=True)


@pytest.fixture
def known(home: str, somebody: Person) -> Iterator[Reader]:
    reader = Reader(home, somebody)
    with reader.http:
        yield reader


@pytest.mark.parametrize("path", POSTS)
def test_a_form_that_is_not_ours_is_refused(known: Reader, stranger: Reader, path: str) -> None:
    known.get("/dashboard/keys")
    ours = known.form("dashboard/keys")["form_token"]
    stranger.get("/sign-in")
    theirs = stranger.form("sign-in")["form_token"]
    home = str(known.http.base_url).rstrip("/")
    for token, headers in (
        (None, {}),
        ("", {}),
        ("é", {}),
        (ours[:-1], {}),
        (theirs, {}),
        (ours, {"origin": "https://evil.example"}),
        (ours, {"origin": "null"}),
        (ours, {"origin": home, "sec-fetch-site": "cross-site"}),
        (ours, {"origin": home, "sec-fetch-site": "same-site"}),
    ):
        data = {} if token is None else {"form_token": token}
        answer = known.http.post(
            path, data=data, headers=headers | {"content-type": "application/x-www-form-urlencoded"}
        )
        assert answer.status_code == 403, (path, token, headers)
        assert "Nothing was done" in answer.text


def test_a_token_without_its_cookie_is_refused(known: Reader) -> None:
    known.get("/dashboard/keys")
    token = known.form("dashboard/keys")["form_token"]
    session = {name: value for name, value in known.http.cookies.items() if "session" in name}
    with httpx.Client(base_url=known.http.base_url, cookies=session) as other:
        assert other.post("/dashboard/keys", data={"form_token": token, "kind": "test"}).status_code == 403


def test_who_is_not_signed_in_is_asked_to_sign_in(stranger: Reader) -> None:
    for path in PRIVATE:
        answer = stranger.http.get(path)
        assert answer.status_code == 303
        assert answer.headers["content-security-policy"] == POLICY
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        to = answer.headers["location"]
        assert urlsplit(str(answer.url.join(to))).path == "/sign-in"
    for path in [path for path in POSTS if path.startswith("/dashboard")]:
        answer = stranger.http.post(path, data={})
        assert urlsplit(str(answer.url.join(answer.headers["location"]))).path == "/sign-in"


@pytest.mark.parametrize("path", [*PUBLIC, *PRIVATE])
def test_every_page_is_fenced_in_and_kept_by_nobody(known: Reader, stranger: Reader, path: str) -> None:
    answer = (known if path in PRIVATE else stranger).get(path)
    assert answer.status_code == 200
    assert answer.headers["content-security-policy"] == (LIVE_POLICY if path in LIVE else POLICY)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["x-content-type-options"] == "nosniff"
    for tag, attributes in Elements(answer.text).found:
        assert tag not in {"style", "iframe", "object"}
        assert not [name for name in attributes if name == "style" or name.startswith("on")]
        assert tag != "script" or (attributes["src"] or "").startswith(("assets/", "../assets/", "../../assets/"))
        assert tag != "link" or not (attributes["href"] or "").startswith(("/", "http"))
        assert tag != "form" or attributes.get("method") in {"post", "get"} or "data-own-key" in attributes


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        (b"a" * 20_000, "application/x-www-form-urlencoded", 413),
        (b"a=1&" * 200, "application/x-www-form-urlencoded", 400),
        (b"a=%ff", "application/x-www-form-urlencoded", 400),
        (b"\xff", "application/x-www-form-urlencoded", 400),
        (b"novalue", "application/x-www-form-urlencoded", 400),
        (b"{}", "application/json", 415),
        (b"--x--", "multipart/form-data; boundary=x", 415),
        (b"", "", 415),
    ],
)
def test_bodies_that_are_no_form(known: Reader, body: bytes, media_type: str, status: int) -> None:
    answer = known.http.post("/dashboard/keys", content=body, headers={"content-type": media_type})
    assert answer.status_code == status
    assert answer.headers["content-security-policy"] == POLICY


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"name": "a\0b", "kind": "test"}, "name"),
        ({"name": "x" * 101, "kind": "test"}, "name"),
        ({"name": "x" * 3000, "kind": "test"}, "name"),
        ({"kind": "root"}, "kind"),
        ({"kind": "test", "life": "soon"}, "life"),
        ({"kind": "test", "life": "-1"}, "life"),
        ({"kind": "test", "life": "999999999"}, "life"),
        ({"kind": "test", "scopes": "everything"}, "scopes"),
        ({"kind": "test", "networks": "300.1.1.1"}, "networks"),
    ],
)
def test_errors_stand_by_their_field(known: Reader, fields: dict[str, str], wrong: str) -> None:
    known.get("/dashboard/keys")
    answer = known.send("dashboard/keys", fields)
    assert answer.status_code == 422
    elements = Elements(answer.text).found
    (error,) = (a for _, a in elements if a.get("id") == f"{wrong}-error")
    described = [a for _, a in elements if f"{wrong}-error" in (a.get("aria-describedby") or "")]
    assert len(described) == 1
    assert described[0]["aria-invalid"] == "true"
    assert error["class"] == "error"
    summary = [a["href"] for t, a in elements if t == "a" and a.get("href") == f"#{wrong}"]
    assert summary
    assert any(a.get("id") == wrong for _, a in elements)
    assert "<title>Error:" in answer.text


def test_what_was_typed_is_text_again(known: Reader) -> None:
    known.get("/dashboard/keys")
    answer = known.send("dashboard/keys", {"name": '"><script>alert(1)</script>', "kind": "no"})
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert(1)" in answer.text


def test_words_in_an_address_are_not_shown(known: Reader) -> None:
    assert "injected" not in known.get("/dashboard?done=injected").text
    assert "injected" not in known.get("/dashboard/usage?month=injected").text
    for text in ("injected", "9" * 30, "-1", "%00"):
        assert known.get(f"/dashboard/activity?after={text}").status_code == 200
        assert known.get(f"/dashboard/suggestions?after={text}").status_code in {200, 422}


@pytest.mark.parametrize("month", ["9999-12", "2001-01", "rubbish", "2026-99"])
def test_a_month_that_cannot_be_shown_is_not_passed_over_in_silence(known: Reader, month: str) -> None:
    assert known.get(f"/dashboard/usage?month={month}").status_code == 200
    assert "This is the current one" in known.text
    known.get(f"/dashboard/usage?month={date.today():%Y-%m}")  # noqa: DTZ011  # as any reader would
    assert "This is the current one" not in known.text


def test_a_key_too_many_is_an_error_of_the_form_and_loses_nothing(reader: Reader) -> None:
    typed = {"name": "a sixth one", "kind": "live", "life": "90", "networks": "192.0.2.0/24"}
    for _ in range(5):
        reader.get("/dashboard/keys")
        assert reader.send("dashboard/keys", {"name": "one of five", "kind": "test"}).status_code == 200
    reader.get("/dashboard/keys")
    reader.page = answer = reader.send("dashboard/keys", typed)
    assert answer.status_code == 422
    assert "at most 5 keys in force" in reader.text
    assert "5 in force" in reader.text
    assert {name: reader.form("dashboard/keys")[name].strip() for name in typed} == typed


@pytest.mark.parametrize("path", ["/nowhere", "/dashboard/nowhere"])
def test_an_unknown_page_is_a_page_for_people_and_json_for_programs(reader: Reader, path: str) -> None:
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    page = reader.http.get(path, headers={"accept": browser})
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "There is no such page" in page.text
    assert page.headers["content-security-policy"] == POLICY
    for accept in ("*/*", "application/json"):
        answer = reader.http.get(path, headers={"accept": accept})
        assert (answer.status_code, answer.json()) == (404, {"error": "Not found"})
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("number", ["999999", "99999999999999999999", "0"])
def test_other_peoples_numbers_do_not_exist(known: Reader, number: str) -> None:
    known.get("/dashboard/keys")
    token = {"form_token": known.form("dashboard/keys")["form_token"]}
    for path in (f"/dashboard/keys/{number}", f"/dashboard/keys/{number}/revoke"):
        assert known.get(path).status_code == 404
    for path in (
        f"/dashboard/keys/{number}/name",
        f"/dashboard/keys/{number}/rotate",
        f"/dashboard/keys/{number}/revoke",
        f"/dashboard/account/sessions/{number}/end",
        f"/dashboard/review/{number}/approve",
    ):
        assert known.http.post(path, data=token).status_code == 404, path


def test_a_key_of_somebody_else_looks_like_none(
    known: Reader, reader: Reader, database_url: str, person: Person
) -> None:
    reader.get("/dashboard/keys")
    assert reader.send("dashboard/keys", {"name": "mine", "kind": "test"}).status_code == 200
    ((number,),) = query(database_url, "select id from api_key where account_id = $1", person.account_id)
    assert reader.get(f"/dashboard/keys/{number}").status_code == 200
    theirs, none = known.get(f"/dashboard/keys/{number}"), known.get("/dashboard/keys/999999")
    assert theirs.status_code == 404
    assert theirs.text == none.text


def test_reviewing_is_not_there_for_others(reader: Reader) -> None:
    assert reader.get("/dashboard/review").status_code == 404
    reader.get("/dashboard/keys")
    token = {"form_token": reader.form("dashboard/keys")["form_token"]}
    assert reader.http.post("/dashboard/review/1/approve", data=token).status_code == 404


def test_cookies_are_the_hosts_own_where_the_address_is_https() -> None:
    cookies, answer = Cookies.of(Settings(public_url="https://api.example")), Response()
    cookies.keep(answer, cookies.session, "x")
    cookies.keep(answer, cookies.form, "y")
    for cookie in answer.headers.getlist("set-cookie"):
        name, *attributes = cookie.split("; ")
        assert name.startswith("__Host-")
        assert {"Secure", "HttpOnly", "SameSite=lax", "Path=/"} <= set(attributes)
        assert not [a for a in attributes if a.startswith("Domain")]
    assert Cookies.of(Settings()).session == "sonograph-session"
