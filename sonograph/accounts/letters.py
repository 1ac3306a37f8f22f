"""What our mails say. (subject, text); names of people and anything else that strangers typed stay out of them."""

from datetime import datetime

from sonograph.accounts.audit import Address

Text = tuple[str, str]

NOT_YOU = "If this was not you, there is nothing to do: without the link nothing happens."


def verify(base_url: str, link: str, at: datetime, address: Address | None) -> Text:
    return _text(
        "Confirm your e-mail address",
        f"Somebody signed up at {base_url} with this address{_where(at, address)}.",
        f"To confirm it, open this link within 48 hours and enter the password you chose:\n\n{link}",
        NOT_YOU,
    )


def sign_up_repeated(base_url: str, at: datetime, address: Address | None) -> Text:
    return _text(
        "You have an account already",
        f"Somebody signed up at {base_url} with this address{_where(at, address)}. "
        "It has an account, and nothing was changed.",
        f"To sign in:\n\n{base_url}/sign-in\n\n"
        "If you do not know the password any more, ask there for a link to set a new one.",
        "If this was not you, there is nothing to do.",
    )


def reset(base_url: str, link: str, at: datetime, address: Address | None) -> Text:
    return _text(
        "Set a new password",
        f"Somebody asked for a new password for your account at {base_url}{_where(at, address)}.",
        f"To set one, open this link within an hour:\n\n{link}",
        NOT_YOU,
    )


def password_changed(base_url: str, at: datetime, address: Address | None) -> Text:
    return _text(
        "Your password was changed",
        f"The password of your account at {base_url} was changed{_where(at, address)}. "
        "All other browsers are signed out.",
        f"If this was not you, set a new password now, and look through your keys:\n\n{base_url}/sign-in",
    )


def change(base_url: str, link: str, at: datetime, address: Address | None) -> Text:
    return _text(
        "Confirm your new e-mail address",
        f"Somebody asked to use this address for their account at {base_url}{_where(at, address)}.",
        f"To confirm it, open this link within 24 hours:\n\n{link}",
        NOT_YOU,
    )


def change_to_taken(base_url: str, at: datetime, address: Address | None) -> Text:
    return _text(
        "This address has an account",
        f"Somebody asked to use this address for another account at {base_url}{_where(at, address)}. "
        "It has one already, and nothing was changed. To use the address for the other account, delete this one first.",
        "If this was not you, there is nothing to do.",
    )


def change_asked(base_url: str, new: str, at: datetime, address: Address | None) -> Text:
    return _text(
        "A new e-mail address for your account",
        f"Somebody who knows your password asked to change the address of your account at {base_url}"
        f"{_where(at, address)}. The new one has to be confirmed first: {new}",
        f"If this was not you, set a new password now:\n\n{base_url}/sign-in",
    )


def email_changed(base_url: str, new: str, at: datetime, address: Address | None) -> Text:
    return _text(
        "The e-mail address of your account was changed",
        f"Your account at {base_url} has a new address{_where(at, address)}: {new}",
        "This is the last message to the old one. If this was not you, write to whoever runs the service.",
    )


def deleted(base_url: str, at: datetime, address: Address | None) -> Text:
    return _text(
        "Your account was deleted",
        f"Your account at {base_url} was deleted{_where(at, address)}, "
        "with its keys and everything else we held about it.",
    )


def _where(at: datetime, address: Address | None) -> str:
    return f", on {at:%d %B %Y at %H:%M} UTC" + (f", from {address}" if address else "")


def _text(subject: str, *paragraphs: str) -> Text:
    return subject, "\n\n".join(paragraphs) + "\n"
