"""The portal and the floor, each as the portal is served in production: gunicorn, two workers of four threads."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from portal.jobs.management.commands.serve import children, is_in_use

PORTAL, FLOOR = 8751, 8752
# What both serve under; its password is its name.
SERVING_ROLE = "bench_portal"


def serving_url() -> str:
    """The database, under the role that only serves."""
    url = urlsplit(os.environ["DATABASE_URL"])
    return url._replace(netloc=f"{SERVING_ROLE}:{SERVING_ROLE}@{url.hostname}:{url.port}").geturl()


@contextmanager
def serving(log: Path) -> Iterator[None]:
    """Both servers, ready; their log lines, which are part of the work, go into the file."""
    web = list(children(PORTAL)[0].command)
    floor = [part.replace("portal.wsgi", "benchmarks.floor.wsgi").replace(str(PORTAL), str(FLOOR)) for part in web]
    with ExitStack() as stack:
        out = stack.enter_context(log.open("ab"))
        for command, port in ((web, PORTAL), (floor, FLOOR)):
            if is_in_use(port):
                sys.exit(f"Port {port} is in use; stop what runs there.")
            environment = {**os.environ, "DATABASE_URL": serving_url()}
            process = subprocess.Popen(  # noqa: S603 - the portal's own command
                command, env=environment, stdout=out, stderr=out
            )
            stack.callback(_stop, process)
            _wait(process, port, log)
        try:
            yield
        except BaseException:
            print(log.read_text()[-3000:], file=sys.stderr)
            raise


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    for _ in range(300):
        if process.poll() is not None:
            break
        if is_in_use(port):
            return
        time.sleep(0.1)
    sys.exit(f"The server on port {port} did not start; its log is {log}:\n{log.read_text()[-2000:]}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
