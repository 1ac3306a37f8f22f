"""What a page says after a form was sent. Addresses carry the name, never the text."""

from typing import Final

NOTICES: Final = {
    "signed-out": "You are signed out.",
    "verified": "Your e-mail address is verified: your keys work from now on.",
    "email-changed": "Your e-mail address is changed.",
    "email-asked": "We sent a link to the new address. The address changes when you follow it.",
    "password-changed": "Your password is changed. All other browsers are signed out.",
    "key-revoked": "The key is revoked: requests with it are refused from now on.",
    "key-renamed": "The key has its new name.",
    "session-ended": "That browser is signed out.",
    "sessions-ended": "All other browsers are signed out.",
    "stream-added": "The stream is watched from now on.",
    "stream-changed": "The stream is changed: within a minute it is in force.",
    "stream-stopped": "The stream is stopped. What it played stays here.",
    "streams-changed": "The number of your streams is changed.",
    "approved": "Approved: the track has the genre now.",
    "rejected": "Rejected. Who suggested it can read why.",
    "deleted": "Your account and everything in it is deleted.",
}
