"""Mail: written as messages, sent by SMTP without anybody waiting for it."""
