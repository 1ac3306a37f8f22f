"""Billing of streams by Stripe, with its own package: the extra `stripe`."""
