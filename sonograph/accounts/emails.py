"""E-mail addresses: one spelling each."""

import email_validator
from email_validator import EmailNotValidError, validate_email

from sonograph.errors import Invalid

MAX_EMAIL = 320  # characters
MESSAGE = "email: this is no e-mail address"

# Names such as .local and .localhost are what small networks use; the library documents to take them out like this.
email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()


def checked(text: str) -> str:
    """The spelling under which an account is found: NFC, lower case, the domain in Unicode; raises `Invalid`.

    The part before the @ could differ by case in theory; no provider in use tells such addresses apart, and people type
    them both ways. Nothing is asked of the DNS: a name may be known to the local mail server alone.
    """
    address = text.strip()
    if not 0 < len(address) <= MAX_EMAIL:
        raise Invalid(MESSAGE, "email")
    try:
        found = validate_email(address, check_deliverability=False, globally_deliverable=False, strict=True)
    except EmailNotValidError as error:
        raise Invalid(MESSAGE, "email") from error
    return found.normalized.lower()
