"""The lines as they are written: a real logger, the real formatter."""

import io
import json
import logging
import logging.config
from collections.abc import Iterator
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
import structlog

from portal.common.logs import logging_config

SECRET = "zofia@customer.example"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What loggers under `probe` write through the portal's own formatter."""
    config = logging_config()
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    made = dict(config["formatters"]["json"])
    handler.setFormatter(made.pop("()")(**made))
    logger = logging.getLogger("probe")
    logger.addHandler(handler)
    logger.propagate = False
    yield stream
    logger.removeHandler(handler)
    logger.propagate = True


def line(stream: io.StringIO) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(stream.getvalue())
    return said


def refuse() -> None:
    raise SMTPRecipientsRefused({SECRET: (550, b"no such person")})


def test_a_librarys_exception_is_its_type_and_place_only(written: io.StringIO) -> None:
    """As the task worker logs a mail that was refused."""
    try:
        refuse()
    except SMTPRecipientsRefused:
        logging.getLogger("probe").exception("Task id=%s failed", 7)
    said = line(written)
    assert said["event"] == "Task id=7 failed"
    assert said["error"] == "SMTPRecipientsRefused"
    assert said["frames"][-1].endswith(" refuse")
    assert "test_logs.py:" in said["frames"][-1]
    assert SECRET not in written.getvalue()
    assert "no such person" not in written.getvalue()


def test_the_exceptions_behind_it_are_named_and_keep_quiet_too(written: io.StringIO) -> None:
    try:
        try:
            refuse()
        except SMTPRecipientsRefused as refused:
            raise ValueError(f"cannot write to {SECRET}") from refused
    except ValueError:
        logging.getLogger("probe").exception("failed")
    said = line(written)
    assert (said["error"], said["caused_by"]) == ("ValueError", ["SMTPRecipientsRefused"])
    assert SECRET not in written.getvalue()


@pytest.mark.parametrize("as_object", [True, False])
def test_the_houses_own_loggers_keep_to_it(as_object: bool, written: io.StringIO) -> None:
    try:
        refuse()
    except SMTPRecipientsRefused as refused:
        structlog.get_logger("probe").error("failed", exc_info=refused if as_object else True)
    assert line(written)["error"] == "SMTPRecipientsRefused"
    assert SECRET not in written.getvalue()


def test_a_line_without_an_exception_has_no_error(written: io.StringIO) -> None:
    logging.getLogger("probe").error("hello", exc_info=True)
    said = line(written)
    assert said["event"] == "hello"
    assert "error" not in said
    assert "exc_info" not in said
