"""`PUT /uploads/…`: the bytes of an upload, streamed to disk. The address is the permission, for one file, a while."""

import logging
import secrets

import orjson
from starlette.types import Receive, Scope, Send

from api.http import Header, respond
from compat_rest.body import chunks, declared_size
from compat_rest.v1.errors import INTERNAL, NOT_ALLOWED, body, body_of, headers_of, status_of
from schema.types.upload import PATH
from sonograph.errors import SonographError
from sonograph.recognition.uploads.uploads import Uploads

ALWAYS: tuple[Header, ...] = (
    (b"content-type", b"application/json"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
)

_log = logging.getLogger(__name__)


class UploadEndpoint:
    """Answers 200 with the size when all bytes are there; errors are `{"error": text}`, as in /v1."""

    def __init__(self, uploads: Uploads) -> None:
        self._uploads = uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "PUT":
            await respond(send, 405, body(NOT_ALLOWED), *ALWAYS, (b"allow", b"PUT"))
            return
        secret: str = scope["path"].removeprefix(PATH)
        try:
            upload = await self._uploads.receive(secret, chunks(receive), declared_size(scope))
            await respond(send, 200, orjson.dumps({"size": upload.size}), *ALWAYS)
        except SonographError as error:
            await respond(send, status_of(error), body_of(error), *ALWAYS, *headers_of(error))
        except Exception:  # noqa: BLE001  # the last line of defence, and the only one that logs an accident
            request_id = secrets.token_hex(8)
            _log.exception("request %s failed", request_id)
            await respond(send, 500, body(f"{INTERNAL} ({request_id})"), *ALWAYS)
