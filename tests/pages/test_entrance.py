"""Sign-up, sign-in and the links in mails, without scripts."""

import re

import httpx
import pytest

from tests.pages.visitors import FORM, PASSWORD, SESSION, Mailbox, Person, Reader, new_email, query


def sign_in(reader: Reader, email: str, password: str = PASSWORD) -> httpx.Response:
    reader.get("/sign-in")
    return reader.send("sign-in", {"email": email, "password": password})


def test_from_sign_up_to_the_dashboard(stranger: Reader, mailbox: Mailbox) -> None:
    email = new_email()
    stranger.get("/sign-up")
    answer = stranger.send("sign-up", {"email": email, "password": PASSWORD})
    assert answer.status_code == 200
    assert email in answer.text
    assert sign_in(stranger, email).status_code == 422  # not before the address is confirmed
    link = mailbox.link(email, "Confirm", "/verify")
    for _ in range(2):  # looking at it uses nothing up
        assert stranger.get(link).status_code == 200
    wrong = stranger.send("verify", {"password": "another password"})
    assert (wrong.status_code, "not the password that was chosen" in wrong.text) == (422, True)
    assert "verified" in stranger.follow(stranger.send("verify", {"password": PASSWORD})).text
    assert stranger.page.url.path == "/dashboard"
    again = stranger.get(link)
    assert (again.status_code, "used already" in stranger.text) == (422, True)


def test_nobody_learns_who_has_an_account(stranger: Reader, person: Person, mailbox: Mailbox) -> None:
    pages = []
    for action in ("sign-up", "forgot", "resend"):
        for email in (person.email, new_email()):
            stranger.get(f"/{action}")
            answer = stranger.send(action, {"email": email, "password": PASSWORD})
            pages.append((answer.status_code, re.sub(r'value="[\w-]{43}"', "", answer.text.replace(email, "…"))))
    assert pages[0::2] == pages[1::2]
    mailbox.latest(person.email, "You have an account already")  # its holder does
    refused = [sign_in(stranger, email, "wrong password").text for email in (person.email, "nobody@pages.example.org")]
    bodies = [re.sub(r'value="[^"]*"', "", text) for text in refused]
    assert bodies[0] == bodies[1]


def test_a_sign_in_starts_afresh(stranger: Reader, person: Person) -> None:
    stranger.get("/sign-in")
    before, form = stranger.http.cookies[FORM], stranger.form("sign-in")
    answer = stranger.send("sign-in", {"email": person.email, "password": PASSWORD})
    first = stranger.http.cookies[SESSION]
    assert stranger.http.cookies[FORM] != before
    cookies = answer.headers.get_list("set-cookie")
    assert len(cookies) == 2
    for cookie in cookies:
        assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
        assert "Domain" not in cookie
    stale = stranger.http.post("/sign-in", data=form | {"email": person.email, "password": PASSWORD})
    assert stale.status_code == 403  # a form of before
    assert stranger.http.cookies[SESSION] == first


def test_a_second_sign_in_ends_the_first_session_of_the_browser(reader: Reader, person: Person) -> None:
    reader.get("/forgot")  # shows a form to who is signed in, too
    token = reader.form("forgot")["form_token"]
    answer = reader.http.post("/sign-in", data={"form_token": token, "email": person.email, "password": PASSWORD})
    assert answer.status_code == 303
    assert reader.http.cookies[SESSION] != person.token
    with httpx.Client(base_url=reader.http.base_url, cookies={SESSION: person.token}) as old:
        assert old.get("/dashboard").status_code == 303


def test_signing_out_ends_the_session(reader: Reader, person: Person, home: str) -> None:
    reader.get("/dashboard")
    assert "signed out" in reader.follow(reader.send("sign-out")).text
    assert SESSION not in reader.http.cookies
    with httpx.Client(base_url=home, cookies={SESSION: person.token}) as old:
        assert old.get("/dashboard").headers["location"] == "sign-in?next=dashboard"


@pytest.mark.parametrize(
    ("asked", "to"),
    [
        ("dashboard/usage", "dashboard/usage"),
        ("//evil.example", "dashboard"),
        ("https://evil.example/dashboard", "dashboard"),
        ("/dashboard", "dashboard"),
        ("dashboard/../..//evil.example", "dashboard"),
        ("dashboard\n/x", "dashboard"),
        ("javascript:alert(1)", "dashboard"),
    ],
)
def test_a_sign_in_leads_nowhere_else(stranger: Reader, person: Person, asked: str, to: str) -> None:
    stranger.page = stranger.http.get("/sign-in", params={"next": asked})
    answer = stranger.send("sign-in", {"email": person.email, "password": PASSWORD, "next": asked})
    assert answer.headers["location"] == to


def test_a_forgotten_password(stranger: Reader, person: Person, mailbox: Mailbox, home: str) -> None:
    stranger.get("/forgot")
    assert stranger.send("forgot", {"email": person.email}).status_code == 200
    stranger.get(mailbox.link(person.email, "new password", "/reset"))
    short = stranger.send("reset", {"password": "short"})
    assert (short.status_code, "10 to 200 characters" in short.text) == (422, True)
    assert stranger.follow(stranger.send("reset", {"password": "another long one"})).url.path == "/dashboard"
    with httpx.Client(base_url=home, cookies={SESSION: person.token}) as old:
        assert old.get("/dashboard").status_code == 303  # other browsers are signed out


@pytest.mark.parametrize("path", ["/verify", "/reset", "/change-email"])
@pytest.mark.parametrize("token", ["", "x", "é" * 43, "A" * 43, "A" * 5000, "%00"], ids=range(6))
def test_a_link_that_is_none(stranger: Reader, path: str, token: str) -> None:
    answer = stranger.get(f"{path}?token={token}")
    assert answer.status_code == 422
    assert "This link does not work" in answer.text


def test_too_many_sign_ins_are_told_when_to_try_again(stranger: Reader, person: Person) -> None:
    statuses = [sign_in(stranger, person.email, "wrong password").status_code for _ in range(11)]
    assert statuses == [422] * 10 + [429]
    answer = sign_in(stranger, person.email)  # the right one, too
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 900
    assert "try again in 15 minutes" in answer.text


def test_an_old_session_gets_a_new_token(reader: Reader, person: Person, database_url: str) -> None:
    query(
        database_url,
        "update session set rotated_at = rotated_at - interval '2 days' where account_id = $1",
        person.account_id,
    )
    assert reader.get("/dashboard").status_code == 200
    assert reader.http.cookies[SESSION] != person.token
    assert reader.get("/dashboard").url.path == "/dashboard"
