"""Issuance: results that are ready, and who has collected them."""
