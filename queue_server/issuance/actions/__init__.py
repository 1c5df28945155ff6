"""The only place where results change."""
