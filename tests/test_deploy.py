"""What `docs/deploy/` and `docs/operations.md` give an owner to copy, checked as far as it can be without a server."""

import json
import re
import shlex
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from config.layers import read_environment, refuse_unknown_keys
from config.sections import HttpOptions
from config.settings import load, settings_shape
from store.engine import open_database
from sync.web.server import Server
from tests.sync.web.conftest import Process
from tests.test_docs import program, refusal
from tests.tree import ROOT, files, name

DEPLOY = ROOT / "docs" / "deploy"
OPERATIONS = (ROOT / "docs" / "operations.md").read_text("utf-8")
PORT = str(HttpOptions().port)
SERVICES = ("rekisteri.service", "rekisteri-sync.service")
UNITS = (*SERVICES, "rekisteri-sync.timer")
TEXTS = {name(path): path.read_text("utf-8") for path in files(DEPLOY)} | {"docs/operations.md": OPERATIONS}

needs_systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")


def text(file: str) -> str:
    return TEXTS[f"docs/deploy/{file}"]


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units, with the credential, as in systemd's folder; the program's path is one that exists everywhere."""
    for unit in UNITS:
        copied = re.sub(r"^(ExecStart=)\S+", r"\1/bin/true", text(unit), flags=re.MULTILINE)
        (tmp_path / unit).write_text(copied, "utf-8")
    for service in SERVICES:
        (tmp_path / f"{service}.d").mkdir()
        (tmp_path / f"{service}.d" / "credentials.conf").write_text(text("credentials.conf"), "utf-8")
    return tmp_path


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, timeout=60, check=False)


@needs_systemd
@pytest.mark.parametrize("unit", UNITS)
def test_systemd_finds_nothing_wrong_with_a_unit(unit: str, units: Path) -> None:
    said = analyze("verify", str(units / unit))
    ours = [line for line in said.stderr.splitlines() if "rekisteri" in line]  # other units of the machine are not ours
    assert (said.returncode, ours) == (0, [])


@needs_systemd
@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_exposed_below_4(service: str, units: Path) -> None:
    said = analyze("security", "--offline=true", "--threshold=39", str(units / service))
    assert said.returncode == 0, said.stdout[-200:]


def assignments(unit: str, since: str) -> list[str]:
    """The lines of a unit from an assignment on, as far as its section goes."""
    lines = [line for line in text(unit).partition("\n[Install]")[0].splitlines() if line and not line.startswith("#")]
    return lines[lines.index(since) :]


def test_both_services_are_hardened_alike() -> None:
    since = "ProtectSystem=strict"
    assert assignments(SERVICES[0], since) == assignments(SERVICES[1], since)


def test_what_a_restart_does_not_mend_is_not_restarted() -> None:
    assert "RestartPreventExitStatus=2 3\n" in text("rekisteri.service")
    assert "Type=notify\n" in text("rekisteri.service")


def instructions(containerfile: str) -> list[tuple[str, str]]:
    """Instruction and its argument, continued lines joined, comments left out."""
    lines = re.sub(r"^#.*\n", "", containerfile, flags=re.MULTILINE).replace("\\\n", " ").splitlines()
    return [(word.upper(), rest.strip()) for word, _, rest in (line.partition(" ") for line in lines if line.strip())]


def arguments(instruction: str) -> list[str]:
    return [rest for word, rest in instructions(text("Containerfile")) if word == instruction]


def test_the_image_is_made_of_what_is_pinned() -> None:
    bases = [base.split()[0] for base in arguments("FROM")]
    assert [base for base in bases if not re.fullmatch(r"docker\.io/library/python:3\.\d+-slim-[a-z]+", base)] == []
    assert len(set(bases)) == 1
    assert arguments("ADD") == []
    installs = [run for run in arguments("RUN") if " install " in run and "pip" in run]
    assert [
        run for run in installs if "--require-hashes" not in run and "--no-deps --no-build-isolation" not in run
    ] == []
    assert len(installs) == 2


def test_the_container_is_nobody_of_weight_and_can_be_stopped_and_watched() -> None:
    users = [user.split(":")[0] for user in arguments("USER")]
    assert users and all(user.isdecimal() and int(user) > 0 for user in users)
    assert arguments("STOPSIGNAL") == ["SIGTERM"]
    assert arguments("EXPOSE") == [PORT]
    (health,) = arguments("HEALTHCHECK")
    assert f"http://127.0.0.1:{PORT}/livez" in health
    for command in (*arguments("CMD"), *arguments("ENTRYPOINT"), *arguments("VOLUME"), health.partition(" CMD ")[2]):
        assert isinstance(json.loads(command), list)


def test_what_the_image_needs_is_let_into_the_build_and_nothing_else() -> None:
    copied = {word.rstrip("/") for copy in arguments("COPY") if "--from" not in copy for word in copy.split()[:-1]}
    rules = [rule for rule in text("Containerfile.dockerignore").splitlines() if rule and not rule.startswith("#")]
    assert rules[0] == "*"
    assert {rule[1:] for rule in rules if rule.startswith("!")} == copied


def locked(file: Path) -> set[str]:
    return set(re.findall(r"^[\w-]+==[^\\\n]+", file.read_text("utf-8"), re.MULTILINE))


def test_the_run_time_lock_is_a_part_of_the_whole_one() -> None:
    """With the hashes: every line of it stands there too, but for the tools' comments."""
    ours, whole = DEPLOY / "requirements.txt", ROOT / "requirements.txt"
    assert len(locked(ours)) > 20
    assert locked(ours) - locked(whole) == set()
    hashes = re.compile(r"--hash=sha256:[0-9a-f]{64}")
    assert set(hashes.findall(ours.read_text("utf-8"))) <= set(hashes.findall(whole.read_text("utf-8")))
    assert "pytest" not in ours.read_text("utf-8")


def calls() -> Iterator[tuple[str, list[str]]]:
    """Every call of the program: in units, in the container, and by its whole path on the page."""
    for file, content in TEXTS.items():
        joined = content.replace("\\\n", " ")
        for call in re.findall(r"\bcurrent/bin/rekisteri((?: [^\s'\"`|>]+)+)", joined):
            words = shlex.split(call)
            if words[0] != "--config" or words[2:]:  # an alias ends with the configuration
                yield file, words
    yield "docs/deploy/Containerfile", [word for command in arguments("CMD") for word in json.loads(command)]


def test_every_command_that_is_called_exists() -> None:
    group, found = program(), list(calls())
    assert len(found) >= 5
    wrong = {f"{file}: {' '.join(words)}": refusal(group, words) for file, words in found}
    assert {call: why for call, why in wrong.items() if why} == {}


def environment_of(content: str) -> set[str]:
    return set(re.findall(r"\bREKISTERI_[A-Z_]+", content))


@pytest.mark.parametrize("file", TEXTS)
def test_every_setting_that_is_named_exists(file: str) -> None:
    shape = settings_shape()
    read_environment(dict.fromkeys(environment_of(TEXTS[file]), "1"), shape)
    if file.endswith(".md"):
        for block in re.findall(r"^```toml\n(.*?)^```", TEXTS[file], re.MULTILINE | re.DOTALL):
            refuse_unknown_keys(tomllib.loads(block), shape, Path(file))
        spoken = re.findall(r"`([a-z]+(?:\.[a-z_]+)+)`", TEXTS[file])
        dotted = [path for path in spoken if path.split(".")[0] in shape and not path.endswith(".key")]
        assert dotted
        read_environment({f"REKISTERI_{path.upper().replace('.', '__')}": "1" for path in dotted}, shape)


def test_everything_speaks_of_the_port_that_is_the_default() -> None:
    spoken = {file: set(re.findall(r"(?:127\.0\.0\.1|0\.0\.0\.0):(\d+)", content)) for file, content in TEXTS.items()}
    assert {file: ports for file, ports in spoken.items() if ports - {PORT}} == {}
    assert {Path(file).name for file, ports in spoken.items() if ports} >= {"nginx.conf", "Caddyfile", "compose.yaml"}


@pytest.mark.parametrize("file", ["nginx.conf", "Caddyfile"])
def test_a_proxy_passes_on_deliveries_alone(file: str) -> None:
    config = text(file)
    assert len(re.findall(r"\b(?:proxy_pass|reverse_proxy)\b", config)) == 1
    (pattern,) = re.findall(r"(\^/\S+?\$)[\"\s]", config)
    shown = [
        path for path in ("/webhooks/a", "/webhooks/a/b", "/webhooks/", "/", "/metrics") if re.search(pattern, path)
    ]
    assert shown == ["/webhooks/a"]
    assert "POST" in config and re.search(r"max_size 1MiB|client_max_body_size 1m", config)


def exposed(folder: Path) -> str:
    """What `/metrics` answers, for a registry in which nothing has happened yet."""
    file = folder / "rekisteri.toml"
    file.write_text('[http]\nport = 0\n[thinkific]\nsubdomain = "school"\napi_key = "a-key"\n', "utf-8")
    process = Process(open_database(f"sqlite:///{folder / 'rekisteri.db'}"), load(file, env={}))
    server = Server(process)
    server.start()
    try:
        process.url = server.url
        process.ask("/health")  # the database has been looked at
        return process.ask("/metrics").text
    finally:
        server.stop()
        process.engine.dispose()


def test_every_metric_that_is_named_exists_with_its_labels(tmp_path: Path) -> None:
    """A rule on a name that is not there never fires, and nobody would notice."""
    named = set(re.findall(r"\brekisteri_[a-z_]+", text("alerts.yml") + OPERATIONS))
    families = {family.name: family for family in text_string_to_metric_families(exposed(tmp_path))}
    unknown = {one for one in named if re.sub("_(total|bucket|count|sum)$", "", one) not in families}
    assert (len(named) >= 6, unknown) == (True, set())
    for rule in text("alerts.yml").split("- alert: ")[1:]:
        labels = set(re.findall(r"\$labels\.(\w+)", rule))
        metrics = re.findall(r"\brekisteri_[a-z_]+", rule)
        assert all(labels <= {*sample.labels} for metric in metrics for sample in families[metric].samples), rule
