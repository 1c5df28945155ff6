"""Logs are events with facts: one JSON line each, in UTC, without personal data and without local variables."""

import logging
import sys

import structlog


def configure(*, human: bool = False, level: int = logging.INFO) -> None:
    """Set up logging for this process from `level` on; `human` for a terminal, else JSON lines."""
    render: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if human
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    # A traceback with local variables would write tokens and phones into the log.
    traceback = [] if human else [structlog.processors.format_exc_info]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="ts"),
            *traceback,
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,  # So that tests can listen; we log little.
    )
