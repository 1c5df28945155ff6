"""The displays show the hall, and never make a sound."""
