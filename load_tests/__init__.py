"""Load tests act as customers of the HTTP API and import nothing of ours."""
