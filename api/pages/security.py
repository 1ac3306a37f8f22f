"""The headers that fence our pages in."""

from collections.abc import Iterable


def page_headers(outside: Iterable[str] = (), nonce: str | None = None) -> dict[str, str]:
    """Headers of an HTML page.

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
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-cache",
    }
