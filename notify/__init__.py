"""Notices reach people: this package knows nothing of queues."""
