"""The account's own page, the plan, and suggestions under review, without scripts."""

from datetime import date

import pytest

from api.pages.chart import ceiling, chart, months, total
from sonograph.accounts.usage import UsageDay
from tests.pages.furnished import furnish
from tests.pages.visitors import PASSWORD, Mailbox, Person, Reader, make_person, new_email, query


def test_a_new_address_counts_from_its_link_on(reader: Reader, person: Person, mailbox: Mailbox) -> None:
    new = new_email()
    reader.get("/dashboard/account")
    wrong = reader.send("account/email", {"email": new, "email_password": "not this one"})
    assert (wrong.status_code, 'id="email_password-error"' in wrong.text) == (422, True)
    reader.follow(reader.send("account/email", {"email": new, "email_password": PASSWORD}))
    assert person.email in reader.text
    reader.get(mailbox.link(new, "Confirm your new", "/change-email"))
    assert new in reader.follow(reader.send("change-email")).text
    assert person.email not in reader.text.split("What happened")[0]


def test_a_new_password_signs_other_browsers_out(reader: Reader, person: Person, home: str, database_url: str) -> None:
    reader.get("/dashboard/account")
    short = reader.send("account/password", {"password": PASSWORD, "new_password": "short"})
    assert (short.status_code, 'id="new_password-error"' in short.text) == (422, True)
    answer = reader.send("account/password", {"password": PASSWORD, "new_password": "quite another one"})
    assert "is changed" in reader.follow(answer).text
    other = Reader(home, person)  # with the token of before
    with other.http:
        assert other.get("/dashboard").url.path == "/sign-in"
    assert len(query(database_url, "select 1 from session where account_id = $1", person.account_id)) == 1


def test_a_browser_is_signed_out_from_the_list(reader: Reader, person: Person, database_url: str, home: str) -> None:
    second = Reader(home)
    with second.http:
        second.get("/sign-in")
        second.send("sign-in", {"email": person.email, "password": PASSWORD})
        assert second.get("/dashboard").url.path == "/dashboard"
        rows = query(database_url, "select id from session where account_id = $1 order by id", person.account_id)
        own, other = (row[0] for row in rows)
        page = reader.get("/dashboard/account").text
        assert (f"sessions/{other}/end" in page, f"sessions/{own}/end" in page) == (True, False)
        reader.follow(reader.send(f"sessions/{other}/end"))
        assert second.get("/dashboard").url.path == "/sign-in"


def test_everything_as_json(reader: Reader, person: Person) -> None:
    reader.get("/dashboard/account")
    answer = reader.send("account/export")
    assert answer.headers["content-disposition"] == 'attachment; filename="sonograph-account.json"'
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["account"]["email"] == person.email
    assert "hash" not in answer.text


def test_streams_are_shown_and_not_for_sale_here(reader: Reader, person: Person, database_url: str) -> None:
    furnish(database_url, person)
    reader.get("/dashboard/plan")
    assert "You may watch 2" in reader.text
    assert "The next month begins with €58.00" in reader.text
    assert "ask them" in reader.text
    token = {"form_token": reader.form("sign-out")["form_token"], "streams": "3"}
    assert reader.http.post("/dashboard/plan/streams", data=token).status_code == 403
    assert reader.http.post("/dashboard/plan/streams", data=token | {"streams": "-3"}).status_code == 422


def test_an_approved_suggestion_changes_the_track(home: str, database_url: str) -> None:
    person = make_person(database_url, "starter", reviewer=True)
    number = furnish(database_url, person).suggestions[2]
    reviewer = Reader(home, person)
    with reviewer.http:
        reviewer.get("/dashboard/review?catalog=sandbox")
        assert "Approved" in reviewer.follow(reviewer.send(f"review/{number}/approve")).text
        reviewer.get("/dashboard/keys")
        token = {"form_token": reviewer.form("sign-out")["form_token"], "catalog": "sandbox"}
        assert reviewer.http.post(f"/dashboard/review/{number}/approve", data=token).status_code == 409


def test_bars_reach_from_the_ground_to_their_value() -> None:
    days = [date(2026, 2, 1), date(2026, 2, 2)]
    rows = [UsageDay(days[0], 1, "a", 30, 10, 20), UsageDay(days[0], 2, "b", 20, 0, 20)]
    drawn = chart(days, rows)
    first, second = drawn.bars
    assert (drawn.top, first.answered_height, first.refused_height) == (50, 80, 20)
    assert (first.answered_y, first.refused_y) == (20, 0)
    assert second.answered_height == second.refused_height == 0
    assert (total(rows).requests, total(rows).answered, total(rows).credits) == (50, 40, 40)


@pytest.mark.parametrize(("value", "top"), [(0, 10), (10, 10), (11, 20), (21, 50), (51, 100), (100_001, 200_000)])
def test_axes_end_with_a_round_number(value: int, top: int) -> None:
    assert ceiling(value) == top


def test_thirteen_months_can_be_asked_for() -> None:
    asked = months(date(2026, 3, 31))
    assert (asked[0], asked[1], asked[-1], len(asked)) == (date(2026, 3, 1), date(2026, 2, 1), date(2025, 3, 1), 13)
