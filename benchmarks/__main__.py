"""`python -m benchmarks`: measure on the empty PostgreSQL that DATABASE_URL names. CUSTOMERS: how many."""

import base64
import os
import secrets
import sys
import tempfile
import time
from pathlib import Path


def main() -> None:
    """Seed, serve, measure, write. Environment: CUSTOMERS, ROUNDS (blocks of each side), SECONDS (a block of eight
    clients), CASES (keys of those to measure, without writing).
    """
    if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
        sys.exit("DATABASE_URL must name an empty PostgreSQL database; `make bench` brings one.")
    count, rounds = int(os.environ.get("CUSTOMERS", "100000")), int(os.environ.get("ROUNDS", "8"))
    seconds = float(os.environ.get("SECONDS", "3"))
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        _as_in_production(folder)
        # Only now, as the settings read the environment.
        import django

        django.setup()
        from benchmarks import report
        from benchmarks.cases import cases
        from benchmarks.counting import statements
        from benchmarks.measure import Bench, Effort
        from benchmarks.ordering import ordering_cases
        from benchmarks.seed import prepare, seed
        from benchmarks.servers import serving

        started = time.monotonic()
        prepare()
        seeded = seed(count)
        print(f"Seeded {count:,} customers in {time.monotonic() - started:.0f} s", file=sys.stderr)
        measured = []
        with serving(Path(folder) / "server.log"):
            bench = Bench(seeded.sessions, Effort(rounds, 26, 8, seconds), statements(seeded))
            wanted = os.environ.get("CASES", "").split()
            for case in [*cases(seeded), *ordering_cases(seeded.orders)]:
                if wanted and case.key not in wanted:
                    continue
                measured.append(bench.measure(case))
                print(report.line(measured[-1]), file=sys.stderr)
        print(report.table([each.as_json() for each in measured]))
        if not wanted:
            report.write(count, measured)


def _as_in_production(folder: str) -> None:
    os.environ.update(
        DJANGO_SETTINGS_MODULE="portal.settings",
        PORTAL_MODE="production",
        SECRET_KEY=secrets.token_urlsafe(64),
        EVIDENCE_KEY=base64.b64encode(secrets.token_bytes(32)).decode(),
        ALLOWED_HOSTS="127.0.0.1",
        TRUSTED_PROXY_COUNT="1",
        VAR_DIR=folder,
        EMAIL_URL="dummy://",
        API_REQUESTS_PER_MINUTE="100000000",
    )


if __name__ == "__main__":
    main()
