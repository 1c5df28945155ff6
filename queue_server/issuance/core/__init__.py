"""What may be done with results, and how they are masked."""
