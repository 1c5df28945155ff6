"""What is remembered of results: SQL and nothing else."""
