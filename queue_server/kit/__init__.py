"""What every noun needs and none owns."""
