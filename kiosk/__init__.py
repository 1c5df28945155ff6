"""The kiosk issues tickets at the door."""
