"""Guides and delegations over HTTP."""
