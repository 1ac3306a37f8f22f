"""The headers that fence our pages in."""

from collections.abc import Iterable


def page_headers(outside: Iterable[str] = (), nonce: str | None = None) -> dict[str, str]:
    """Headers of an HTML page without forms.

    Scripts and styles come from files only: our own, and those at the exact addresses in `outside`. `nonce` lets a
    script that carries it add style elements of its own.
    """
    files = " ".join(["'self'", *outside])
    policy = {
        "default-src": "'none'",
        "script-src": files,
        "style-src": f"{files} 'nonce-{nonce}'" if nonce else files,
        "img-src": "'self' data:",  # icons inside the third-party style sheets
        "font-src": "'self' data:",  # fonts inside GraphiQL's style sheet
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    return _headers(policy) | {"Referrer-Policy": "no-referrer", "Cache-Control": "no-cache"}


def form_headers(*, connects: bool = False) -> dict[str, str]:
    """Headers of a page with forms, or with what only its reader may see: never kept by any cache.

    `connects`: its script may ask our own server.
    """
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        **({"connect-src": "'self'"} if connects else {}),
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    # "no-referrer" would make the Origin header of our own forms "null", and the Origin header is what we check.
    return _headers(policy) | {"Referrer-Policy": "same-origin", "Cache-Control": "no-store"}


def _headers(policy: dict[str, str]) -> dict[str, str]:
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "Cross-Origin-Opener-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }
