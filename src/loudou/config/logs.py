"""How log lines are written."""

from typing import Any

import structlog

from loudou.config.env import Environment


def settings(env: Environment) -> dict[str, Any]:
    """Logging for Django and structlog: lines for people on a console, JSON for machines."""
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
        if env.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    )
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ExtraAdder(),
    ]
    # Tracebacks without local variables: those may hold what no log should.
    if env.log_format == "json":
        shared.append(structlog.processors.ExceptionRenderer())
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "lines": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": shared,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["stderr"], "level": env.log_level},
        "loggers": {
            "django.server": {"level": "WARNING"},
            "procrastinate": {"level": "WARNING"},
            "gunicorn.error": {"level": "WARNING", "handlers": ["stderr"], "propagate": False},
        },
    }
