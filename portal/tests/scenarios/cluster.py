"""A PostgreSQL of the test's own, with a copy of the tests' database, that may be stopped the hard way."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection

# PostgreSQL refuses to run as root; Debian's package brings this user.
OWNER = "postgres" if os.geteuid() == 0 else None
NAME, USER = "postgres", "portal"


def programs() -> Path | None:
    """Where initdb and pg_ctl are, the newest first; None where there is no server."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), reverse=True)
    found = debian[0] if debian else shutil.which("pg_ctl")
    return Path(found).resolve().parent if found else None


@dataclass(frozen=True)
class Cluster:
    """options: settings of the server, as on its command line."""

    folder: Path
    port: int
    programs: Path
    options: str = ""

    def start(self) -> None:
        """Also after a crash; answers once it lets people in."""
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 {self.options}"
        self._run("pg_ctl", "start", "-w", "-D", self._data, "-l", f"{self.folder}/log", "-o", options)

    def stop(self, mode: str = "immediate") -> None:
        """immediate: every process is gone at once, nothing is written any more."""
        self._run("pg_ctl", "stop", "-w", "-D", self._data, "-m", mode)

    @property
    def _data(self) -> str:
        return f"{self.folder}/data"

    def initialise(self) -> None:
        if OWNER:
            shutil.chown(self.folder, OWNER)
        # What is there before the writers begin need not survive anything.
        new = ["--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
        self._run("initdb", *new, "-U", USER, "-D", self._data)
        self.start()
        known = connection.settings_dict
        whose = ["-h", known["HOST"], "-p", str(known["PORT"] or 5432), "-U", known["USER"], known["NAME"]]
        dump = subprocess.run(
            [self.programs / "pg_dump", "--no-owner", *whose],
            env={**os.environ, "PGPASSWORD": known["PASSWORD"]},
            check=True,
            capture_output=True,
        )
        copy = ["-h", "127.0.0.1", "-p", str(self.port), "-U", USER, "-d", NAME, "-q1", "-v", "ON_ERROR_STOP=1"]
        subprocess.run([self.programs / "psql", *copy], input=dump.stdout, check=True, stdout=subprocess.DEVNULL)

    def _run(self, program: str, *said: str) -> None:
        # Nothing is captured: the server would keep the pipes open.
        command = [str(self.programs / program), *said]
        subprocess.run(command, check=True, user=OWNER, cwd="/", stdout=subprocess.DEVNULL, timeout=120)


@contextmanager
def own_cluster(programs: Path, options: str = "") -> Iterator[Cluster]:
    """Within, every connection of this process goes to a cluster that has what the tests' database has now."""
    folder = Path(tempfile.mkdtemp(prefix="cluster-"))
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    cluster = Cluster(folder, port, programs, options)
    settings: dict[str, Any] = connection.settings_dict
    known = dict(settings)
    try:
        cluster.initialise()
        connection.close()
        settings.update(HOST="127.0.0.1", PORT=str(port), NAME=NAME, USER=USER, PASSWORD="")
        yield cluster
    finally:
        connection.close()
        settings.update(known)
        if (folder / "data" / "postmaster.pid").exists():
            cluster.stop()
        shutil.rmtree(folder)
