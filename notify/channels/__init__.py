"""The ways to reach a person, each behind the same protocol."""
