"""`GET /sandbox/station.mp3` of the running service: sound at once, titles for who asks, no key."""

import httpx

from sonograph.monitoring.station.icy import INTERVAL
from tests.service import Service

PATH = "/sandbox/station.mp3"


def test_players_hear_it(service: Service) -> None:
    with (
        httpx.stream("GET", service.url + PATH, headers={"icy-metadata": "1"}, timeout=60) as titled,
        httpx.stream("GET", service.url + PATH, timeout=60) as plain,
    ):
        assert titled.headers["content-type"] == plain.headers["content-type"] == "audio/mpeg"
        assert titled.headers["icy-metaint"] == str(INTERVAL)
        assert "icy-metaint" not in plain.headers
        assert titled.headers["icy-br"] == "96"
        heard = bytearray()
        for piece in titled.iter_raw():
            heard += piece
            if len(heard) > INTERVAL + 200:
                break
        assert (heard[0], heard[1] & 0xE0) == (0xFF, 0xE0)  # an MP3 frame begins
        assert heard[INTERVAL] > 0
        assert heard[INTERVAL + 1 :].startswith(b"StreamTitle='")
        assert next(plain.iter_raw())[:1] == b"\xff"


def test_a_head_is_told_without_sound(service: Service) -> None:
    answer = httpx.head(service.url + PATH)
    assert (answer.status_code, answer.headers["icy-br"], answer.content) == (200, "96", b"")
    assert httpx.post(service.url + PATH).status_code == 405
