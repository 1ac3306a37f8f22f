"""Forms that only our own pages can send.

Each form carries a token made from a secret cookie and the session it was shown in. Other sites can neither read the
cookie nor make the token; its prefix __Host- keeps neighbouring hosts from planting one; it is another one after each
sign-in and sign-out. Beside it, the browser's word on where a request comes from is heard.
"""

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request

FIELD: Final = "form_token"


def token(secret: str, session_id: int | None) -> str:
    """The token of forms for the holder of the cookie `secret`, in this session or in none."""
    purpose = f"sonograph form {session_id or 'visitor'}"
    return urlsafe_b64encode(hmac.digest(secret.encode(), purpose.encode(), sha256)).decode().rstrip("=")


def is_token(given: str, secret: str, session_id: int | None) -> bool:
    return hmac.compare_digest(given.encode(), token(secret, session_id).encode())


def is_same_origin(request: Request, base_url: str) -> bool:
    """Whether no header says that another site sent this. Programs, and old browsers, send neither header."""
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return False
    origin = request.headers.get("origin")
    if origin is None:
        return True
    public = urlsplit(base_url)
    return origin in {f"{public.scheme}://{public.netloc}", f"{request.url.scheme}://{request.headers.get('host', '')}"}
