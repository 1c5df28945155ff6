"""Oversight: what people say of a service, and what comes of it."""
