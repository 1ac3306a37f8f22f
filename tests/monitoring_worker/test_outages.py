"""When a stream counts as away, silent and back, and what of it is told by mail."""

import asyncpg
import pytest

from sonograph import clock
from sonograph.events.event import EventType
from sonograph.monitoring import lease_store
from sonograph.monitoring.facts import CameOnline, Fact, GapBegan, GapEnded, WentOffline, moment
from sonograph.monitoring.keeping import Keeper
from sonograph.monitoring.outage_letters import LETTERS_A_DAY, send_letters
from sonograph.monitoring.outages import NO_SOUND, SILENT, UNWATCHED, Known, Presence
from sonograph.monitoring.vocabulary import GapKind, RuntimeStatus
from tests.monitoring_worker import rows

T = 1_700_000_000.0


class Told:
    """What a presence says as time goes on."""

    def __init__(self, presence: Presence) -> None:
        self.presence = presence
        self.facts: list[Fact] = []
        self.statuses: list[object] = []  # (status, reason)

    def take(self, said: tuple[list[Fact], object]) -> None:
        facts, condition = said
        self.facts += facts
        if condition is not None:
            self.statuses.append((condition.status, condition.reason))  # type: ignore[attr-defined]  # a Condition

    def last(self) -> object:
        return self.statuses[-1]

    def sound(self, start: int, end: int) -> None:
        """A second at a time."""
        for second in range(start, end):
            self.take(self.presence.sound(T + second, T + second + 1, T + second + 1))
            self.take(self.presence.tick(T + second + 1))

    def wait(self, start: int, end: int) -> None:
        for second in range(start, end):
            self.take(self.presence.tick(T + second))


def test_a_short_interruption_is_not_told_at_all() -> None:
    told = Told(Presence(1, T))
    told.sound(0, 20)
    told.take(told.presence.trouble(T + 20, "It hung up."))
    told.wait(20, 29)
    told.sound(29, 60)
    assert told.facts == []
    assert told.statuses == [(RuntimeStatus.RUNNING, None)]


def test_a_stream_that_goes_away_is_errored_then_offline_and_online_when_it_is_back_for_good() -> None:
    told = Told(Presence(1, T))
    told.sound(0, 20)
    told.take(told.presence.trouble(T + 22, "It hung up."))
    told.wait(22, 79)
    assert told.facts == [GapBegan(1, GapKind.OUTAGE, moment(T + 20), "It hung up.")]
    assert told.last() == (RuntimeStatus.ERRORED, "It hung up.")
    told.take(told.presence.trouble(T + 79, "It says 404."))
    assert told.last() == (RuntimeStatus.ERRORED, "It says 404.")
    told.wait(79, 100)
    assert told.facts[1:] == [WentOffline(1, moment(T + 20), "It says 404.")]
    told.sound(100, 105)  # a flicker
    assert told.last() == (RuntimeStatus.RUNNING, None)
    told.take(told.presence.trouble(T + 105, "It hung up."))
    told.wait(105, 200)
    told.sound(200, 220)
    assert told.facts[2:] == [
        GapEnded(1, GapKind.OUTAGE, moment(T + 20), moment(T + 100)),
        GapBegan(1, GapKind.OUTAGE, moment(T + 105), "It hung up."),
        GapEnded(1, GapKind.OUTAGE, moment(T + 105), moment(T + 200)),
        CameOnline(1, moment(T + 201)),
    ]


def test_a_stream_that_never_came_up_is_offline_after_a_minute() -> None:
    told = Told(Presence(1, T))
    told.wait(0, 200)
    assert told.facts == [
        GapBegan(1, GapKind.OUTAGE, moment(T), NO_SOUND),
        WentOffline(1, moment(T), NO_SOUND),
    ]
    assert told.statuses == [(RuntimeStatus.ERRORED, NO_SOUND)]


def test_dead_air_is_a_gap_after_half_a_minute_and_the_stream_runs() -> None:
    told = Told(Presence(1, T))
    told.sound(0, 20)
    told.presence.dead_air(T + 8)
    told.sound(20, 37)
    assert told.facts == []
    told.sound(37, 50)
    assert told.facts == [GapBegan(1, GapKind.SILENCE, moment(T + 8), None)]
    assert told.last() == (RuntimeStatus.RUNNING, SILENT)
    told.take(told.presence.sound_again(T + 50, T + 50))
    assert told.facts[1:] == [GapEnded(1, GapKind.SILENCE, moment(T + 8), moment(T + 50))]
    assert told.last() == (RuntimeStatus.RUNNING, None)
    told.presence.dead_air(T + 60)
    told.sound(60, 65)
    told.take(told.presence.sound_again(T + 65, T + 65))  # a pause of five seconds
    assert len(told.facts) == 2


@pytest.mark.parametrize("offline", [False, True])
def test_an_outage_that_another_began_goes_on_and_is_told_once(offline: bool) -> None:  # noqa: FBT001  # a parameter
    known = Known(RuntimeStatus.ERRORED, offline, outage_since=T - 50, heard_at=T - 50)
    told = Told(Presence(1, T, known))
    told.wait(0, 30)
    assert [type(fact) for fact in told.facts] == ([] if offline else [WentOffline])
    told.sound(30, 60)
    assert told.facts[-2:] == [
        GapEnded(1, GapKind.OUTAGE, moment(T - 50), moment(T + 30)),
        CameOnline(1, moment(T + 31)),
    ]


def test_time_in_which_nobody_listened_is_a_gap_and_no_outage_of_the_station() -> None:
    told = Told(Presence(1, T, Known(RuntimeStatus.RUNNING, heard_at=T - 100)))
    told.sound(2, 30)
    began, ended = told.facts
    assert began == GapBegan(1, GapKind.OUTAGE, moment(T - 100), UNWATCHED)
    assert ended == GapEnded(1, GapKind.OUTAGE, moment(T - 100), moment(T + 2))


async def test_outages_are_told_by_mail_where_that_is_wanted_gathered_and_a_dozen_times_a_day(
    accounts: asyncpg.Pool,
) -> None:
    owner, monitor = await rows.account(accounts), await lease_store.register(accounts, "tests", 10)
    told = await rows.stream(accounts, owner, mail=True, name="Radio\nOne")
    other = await rows.stream(accounts, owner, url="https://two.example.org/live", mail=True)
    quiet = await rows.stream(accounts, owner)
    await accounts.execute("update stream set monitor_id = $1", monitor)
    keeper, now = Keeper(accounts, lambda: monitor), clock.now()
    letters: list[tuple[str, str, str]] = []

    async def sent(gather: float = 0.0) -> int:
        return await send_letters(
            accounts, lambda to, text: letters.append((to, *text)), "https://s.example.org", gather
        )

    keeper.note([WentOffline(one, now, "It says 404.") for one in (told, other, quiet)])
    await keeper.flush()
    assert [event["type"] for event in await rows.events(accounts)] == [EventType.STREAM_OFFLINE] * 3
    assert await sent(gather=3600.0) == 0  # more may come
    assert await sent() == 1
    assert await sent() == 0
    (to, subject, text), *_ = letters
    assert (to, subject) == ("radio@tests.invalid", "2 streams offline")
    assert "Radio\nOne" not in text
    assert f"stream {told}, Radio One: offline: It says 404." in text
    assert "https://two.example.org/live" in text
    assert f"stream {quiet}" not in text
    assert "\nYour streams: https://s.example.org/dashboard/streams\n" in text

    for number in range(LETTERS_A_DAY + 4):
        keeper.note([CameOnline(told, now)] if number % 2 == 0 else [WentOffline(told, now, "Gone.")])
        await keeper.flush()
        await sent()
    assert len(letters) == LETTERS_A_DAY
    assert letters[1][1] == "1 stream back"
    assert "told tomorrow" in letters[-1][2]
    assert "told tomorrow" not in letters[-2][2]
    await accounts.execute("update outage_note set sent_at = sent_at - interval '1 day'")
    assert await sent() == 1
    assert letters[-1][1] == "3 streams offline, 2 streams back"
