"""Schemathesis over the API's own description, against a live server: what is described is what is answered."""

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from portal.api.v1.callers import Callers
from portal.tests.guards.api_operations import operations, schema, token_of, values_of
from portal.tests.guards.world import ACTORS, World, build
from portal.tests.scenario_plugin import IN_FULL, scale

# Checks that say something else than the contract, and why.
EXCLUDED = {
    # null is as good as absent, unknown members are left aside, and names and values are matched in any spelling
    # (wire contract, section 2): what the description calls wrong may well be taken.
    "negative_data_rejection",
    # Rules of the business refuse with 400 what is well formed: a domain that is taken, a date in the future.
    "positive_data_acceptance",
    # Clients repeat a 405 without end (wire contract, section 5): what is not served is 404.
    "unsupported_method",
    "allow_header_conformance",
}


@pytest.fixture
def world(transactional_db: None, settings: Any) -> World:
    """A member with every role, whose partner has a customer with an order."""
    settings.API_REQUESTS_PER_MINUTE = 10**9
    made = build("admin agent")
    made.member.roles = ACTORS["stranger with all roles"][0]
    made.member.save()
    return made


def configured(folder: Path, values: dict[str, object]) -> Path:
    """A configuration in which addresses name what is there."""
    names = sorted({name for each in operations().values() for name in each.parameters})
    lines = [f'"path.{name}" = {json.dumps(str(values[name]))}' for name in names if name in values]
    file = folder / "schemathesis.toml"
    file.write_text("[parameters]\n" + "\n".join(lines) + "\n")
    return file


def run(location: str, token: str, values: dict[str, object], folder: Path, *more: str) -> str:
    """What Schemathesis says, "" where it has nothing to complain of."""
    program = Path(sys.executable).with_name("schemathesis")
    command = [
        *(str(program), "--config-file", str(configured(folder, values)), "run", location, "--no-color"),
        *("--header", f"Authorization: Bearer {token}", "--continue-on-failure", "--warnings", "off"),
        *("--exclude-checks", ",".join(sorted(EXCLUDED)), "--suppress-health-check", "all"),
        *("--request-timeout", "30"),
        *(["--generation-database", "none"] if IN_FULL else ["--generation-deterministic", "--no-shrink"]),
        *more,
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=3600, check=False, cwd=folder)
    return "" if done.returncode == 0 else done.stdout[-30_000:] + done.stderr[-2000:]


@pytest.mark.parametrize("callers", [Callers.USER, Callers.APP], ids=["app-and-user", "app-only"])
def test_what_is_described_is_what_is_answered(
    live_server: Any, world: World, tmp_path: Path, callers: Callers
) -> None:
    phases = "examples,coverage,fuzzing" if IN_FULL else "examples,fuzzing"
    count = scale(2 if callers == Callers.USER else 1, 100)
    size = ("--phases", phases, "--max-examples", str(count))
    described = f"{live_server.url}/v1/openapi.json"
    said = run(described, token_of(world, callers), values_of(world), tmp_path, *size)
    assert not said, said


def test_a_description_that_is_wrong_is_seen(live_server: Any, world: World, tmp_path: Path) -> None:
    """One that promises a member that no customer has."""
    wrong = copy.deepcopy(schema())
    answered = operations()["getCustomer"].described["responses"]["200"]["content"]["application/json"]["schema"]
    promised = wrong["components"]["schemas"][answered["$ref"].rpartition("/")[2]]
    promised["required"] = [*promised.get("required", []), "nosuchmember"]
    file = tmp_path / "wrong.json"
    file.write_text(json.dumps(wrong))
    one = ("--url", live_server.url, "--include-operation-id", "getCustomer", "--phases", "fuzzing", "-n", "1")
    said = run(str(file), token_of(world, Callers.USER), values_of(world), tmp_path, *one)
    assert "nosuchmember" in said
