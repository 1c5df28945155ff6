"""Cases: why people come to the hall, from the first paper to the result."""
