"""How others talk to a hall over HTTP and WebSocket. Endpoints translate; they do not think."""
