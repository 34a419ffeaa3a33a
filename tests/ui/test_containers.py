from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from typer.main import get_command

from rag.settings import load
from ui.cli import app

ROOT = Path(__file__).parents[2]
SERVICES = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))["services"]
OURS = ("api", "ui")


def test_there_is_a_service_a_chat_and_a_database_each_with_a_health_check():
    assert SERVICES.keys() == {"api", "ui", "qdrant"}
    assert all(one["healthcheck"]["test"] for one in SERVICES.values())


@pytest.mark.parametrize("name", OURS)
def test_a_service_is_configured_by_known_variables_alone(name):
    given = {key: value.split(":-")[-1].rstrip("}") for key, value in SERVICES[name]["environment"].items()}
    assert all(key.startswith("CJKRAG_") for key in given)
    load(environ=given)


@pytest.mark.parametrize("name", OURS)
def test_a_service_runs_a_command_that_exists_with_options_that_exist(name):
    program, command, *options = SERVICES[name]["command"]
    assert program == "cjkrag"
    known = {option for one in get_command(app).commands[command].params for option in one.opts}
    assert {option for option in options if option.startswith("--")} <= known


def test_ports_are_bound_to_this_machine_alone():
    ports = [port for one in SERVICES.values() for port in one["ports"]]
    assert len(ports) == 3
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_only_one_service_opens_the_index_and_the_chat_goes_through_it():
    assert [name for name in OURS if "volumes" in SERVICES[name]] == ["api"]
    url = load(environ={"CJKRAG_SERVE__URL": SERVICES["ui"]["environment"]["CJKRAG_SERVE__URL"]}).serve.url
    assert url == "http://api:8400"


def test_the_image_copies_what_the_package_is_built_from():
    lines = (ROOT / "Dockerfile").read_text("utf-8").splitlines()
    copied = {line.split()[1] for line in lines if line.startswith("COPY")}
    assert {"config", "rag", "ingest", "ui"} <= copied
    allowed = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert {f"!{name}" for name in copied} <= set(allowed)
