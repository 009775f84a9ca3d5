"""JSON log lines with a request id and no personal data: routes instead of paths, ids instead of names."""

import sys
import traceback
from types import TracebackType
from typing import Any

import structlog
from structlog.typing import EventDict

# The innermost ones say where it happened.
MOST_FRAMES = 12


def logging_config() -> dict[str, Any]:
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": shared,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    name_exception,
                    structlog.processors.JSONRenderer(),
                ],
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["console"], "level": "INFO"},
        "loggers": {
            # Django's own request lines name the path, which may hold tokens; ours name the route.
            "django.request": {"level": "CRITICAL"},
            "django.server": {"level": "CRITICAL"},
            "django.security.csrf": {"level": "CRITICAL"},
        },
    }


def name_exception(logger: Any, method: str, event: EventDict) -> EventDict:
    """Say of an exception only its type, the types behind it and where it happened.

    Never its message: a mail server's or a database's may quote an address or what a person typed.
    """
    exception = _exception(event.pop("exc_info", None))
    if exception is None:
        return event
    event["error"] = type(exception).__name__
    event["frames"] = frames(exception.__traceback__)
    causes = _causes(exception)
    if causes:
        event["caused_by"] = [type(cause).__name__ for cause in causes]
    return event


def frames(trace: TracebackType | None) -> list[str]:
    """File, line and function, outermost first."""
    return [f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(trace)][-MOST_FRAMES:]


def _exception(said: Any) -> BaseException | None:
    """What a logging call gave as exc_info: an exception, the interpreter's triple, or True for the current one."""
    if isinstance(said, BaseException):
        return said
    if isinstance(said, tuple):
        return said[1] if len(said) == 3 and isinstance(said[1], BaseException) else None
    return sys.exc_info()[1] if said else None


def _causes(exception: BaseException) -> list[BaseException]:
    """The exceptions that this one came from, nearest first."""
    causes: list[BaseException] = []
    cause = exception.__cause__ or (None if exception.__suppress_context__ else exception.__context__)
    while cause is not None and cause not in causes and len(causes) < MOST_FRAMES:
        causes.append(cause)
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return causes
