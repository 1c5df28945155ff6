"""The server of 静号 Jinghao: queues and silent calls for government halls."""
