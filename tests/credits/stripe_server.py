"""Stripe's API as its reference documents the answers (customers, subscriptions), kept in memory."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl

PERIOD_END = 1_798_761_600  # 2027-01-01
CUSTOMER = {"id": "cus_1", "object": "customer", "livemode": False, "metadata": {}}


class Stripe:
    """What it knows, and what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.subscription: dict[str, Any] = {}
        self.down = False
        self.url = ""

    def answer(self, method: str, path: str, given: dict[str, str]) -> tuple[int, dict[str, Any]]:
        self.asked.append((method, path, given))
        if self.down:
            return 503, {"error": {"type": "api_error", "message": "down"}}
        if path == "/v1/customers":
            return 200, CUSTOMER | {"email": given["email"]}
        if method == "POST" and path == "/v1/subscriptions":
            self.subscription = {
                "id": "sub_1",
                "object": "subscription",
                "customer": given["customer"],
                "status": "active",
                "cancel_at_period_end": False,
                "collection_method": given["collection_method"],
                "items": {
                    "object": "list",
                    "data": [
                        {
                            "id": "si_1",
                            "object": "subscription_item",
                            "quantity": int(given["items[0][quantity]"]),
                            "current_period_end": PERIOD_END,
                            "price": {"id": given["items[0][price]"], "object": "price", "unit_amount": 2900},
                        }
                    ],
                },
            }
        elif method == "DELETE" and path == "/v1/subscriptions/sub_1" and self.subscription:
            self.subscription["status"] = "canceled"
        elif path == "/v1/subscriptions/sub_1" and self.subscription:
            if "items[0][quantity]" in given:
                assert given["items[0][id]"] == "si_1"
                self.subscription["items"]["data"][0]["quantity"] = int(given["items[0][quantity]"])
            if "cancel_at_period_end" in given:
                self.subscription["cancel_at_period_end"] = given["cancel_at_period_end"].lower() == "true"
        else:
            return 404, {"error": {"type": "invalid_request_error", "message": f"No such path: {path}"}}
        return 200, self.subscription


@contextmanager
def running() -> Iterator[Stripe]:
    """It, listening."""
    stripe = Stripe()

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
            status, answer = stripe.answer(self.command, self.path, dict(parse_qsl(body)))
            data = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_DELETE = _serve  # noqa: N815  # the base class's names

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class's name
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stripe.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield stripe
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
