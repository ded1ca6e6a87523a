"""Runs on a real Ray cluster of two worker processes on this machine, with a fake model over HTTP."""

from __future__ import annotations

import asyncio
import os
import pickle
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from io import StringIO
from pathlib import Path

import pytest
from fake_server import TOKENS_IN, TOKENS_OUT, FakeModel, Reply
from rich.console import Console

from extract.ask import Asker, Endpoint
from extract.budget import Caps
from extract.choice import Asked, choose
from extract.command import Order, foresee
from extract.errors import UsageError
from extract.forecast import Outlook, Past, Sums, usual
from extract.gathered import Gathered, Known, Till
from extract.inputs import Columns, Input, Row
from extract.pipeline import Job
from extract.prices import Price
from extract.profile import LARGE
from extract.progress import Tally
from extract.ray_engine import RaySession
from extract.read import find_inputs
from extract.run_folder import CALLS, ERRORS, EXTRACTIONS, LOST, RunFolder, read_lines
from extract.types import Answer, Document, Extraction, Passage, Stretch, Usage
from schemas.load import load

needs_ray = pytest.mark.skipif(
    find_spec("ray") is None or not Path("/proc/self/stat").exists(),
    reason="needs Ray (pip install 'communique[ray]') and Linux",
)
DOCUMENTS, ENOUGH = 40, 8
PATIENCE = 150  # seconds until something hangs; a busy machine takes its time
CLUSTER = """
import sys, warnings
warnings.simplefilter("ignore")
from ray.cluster_utils import Cluster
node = {"num_cpus": 2, "include_dashboard": False, "temp_dir": sys.argv[1]}
cluster = Cluster(initialize_head=True, head_node_args=node)
print("at", cluster.address, flush=True)
sys.stdin.read()
cluster.shutdown()
"""
DRIVER = """
import os, sys, warnings
warnings.simplefilter("ignore")
from pathlib import Path
from rich.console import Console
from extract.budget import Caps
from extract.choice import Asked, choose
from extract.command import Order, execute
from extract.errors import CommuniqueError
from extract.read import find_inputs
from extract.ray_engine import RaySession
from schemas.load import load
engine, address, url, schema = sys.argv[1:]
chosen = load(schema)
choice = choose(Asked("fake", url, workers=4), schema)
cached = "COMMUNIQUE_CACHE" in os.environ
session = RaySession(choice, address or None, cached) if engine == "ray" else None
caps = Caps(tokens=int(os.environ.get("MAX_TOKENS", 0)) or None)
try:
    order = Order(find_inputs(["in"]), Path(engine), chosen, choice, session=session, caps=caps)
    sys.exit(execute(order, Console(stderr=True)))
except CommuniqueError as fault:
    print("communique:", fault, file=sys.stderr)
    sys.exit(fault.exit_code)
except KeyboardInterrupt:
    sys.exit(130)
"""
ENVIRONMENT = os.environ | {
    "PYTHONPATH": str(Path(__file__).parent.parent),
    "RAY_USAGE_STATS_ENABLED": "0",
}


@pytest.fixture(scope="module")
def cluster() -> Iterator[tuple[str, int]]:
    """The address of a cluster of two processors that outlives the runs on it, and the process that holds it."""
    with (
        tempfile.TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True) as folder,
        subprocess.Popen(
            [sys.executable, "-c", CLUSTER, folder],
            env=ENVIRONMENT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as process,
    ):
        assert process.stdout
        said = next(line for line in process.stdout if line.startswith("at "))
        yield said.split()[1], process.pid
        process.communicate()


@dataclass
class Runs:
    """Runs on one folder of inputs; each engine has a run folder of its own."""

    folder: Path
    model: FakeModel
    address: str = ""
    schema: str = "crisis"
    environment: dict[str, str] = field(default_factory=dict)

    def start(self, engine: str = "ray") -> subprocess.Popen[str]:
        arguments = [engine, self.address, self.model.url, self.schema]
        return subprocess.Popen(
            [sys.executable, "-c", DRIVER, *arguments],
            cwd=self.folder,
            env=ENVIRONMENT | {"COMMUNIQUE_HOME": str(self.folder / "home")} | self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, engine: str = "ray") -> tuple[int, str]:
        """To its end: the exit code, and what it printed."""
        with self.start(engine) as driver:
            said = driver.communicate(timeout=PATIENCE)[0]
            return driver.returncode, said

    def lines(self, engine: str = "ray", name: str = EXTRACTIONS) -> list[str]:
        path = self.folder / engine / name
        return sorted(path.read_text().splitlines()) if path.exists() else []


@pytest.fixture
def runs(tmp_path: Path, model: FakeModel) -> Runs:
    """Forty documents, of which one has a passage with nothing borne out, and one cannot be read."""
    (tmp_path / "in").mkdir()
    for number in range(DOCUMENTS):
        text = f"On Monday {number + 100} schools reopened in Tarvo."
        (tmp_path / "in" / f"d{number}.txt").write_text(text)
        record = {"at": 1, "type": "school", "name": "schools", "status": "restored"}
        count = number + 100 if number else 7
        reply = Reply({"facilities": [record | {"count": count}]}, delay=0.2)
        model.on(f"Monday {number + 100} schools", reply)
    (tmp_path / "in" / "empty.txt").write_text("")
    return Runs(tmp_path, model)


def wait_for(what: Callable[[], bool], driver: subprocess.Popen[str]) -> None:
    """Until it is so, or the driver has ended without."""
    until = time.monotonic() + PATIENCE
    while not what():
        assert driver.stdout
        assert driver.poll() is None, driver.stdout.read()
        assert time.monotonic() < until
        time.sleep(0.02)


def workers(above: int) -> list[int]:
    """Process ids of Ray's workers that hold documents, among the descendants of a process."""
    parents, named = {}, []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            said = re.fullmatch(r"(\d+) \((.*)\) \S (\d+) .*", stat.read_text(), re.S)
        except OSError:
            continue  # it has ended meanwhile
        assert said
        parents[int(said[1])] = int(said[3])
        if said[2].startswith("ray::MapWorker"):
            named.append(int(said[1]))

    def below(pid: int) -> bool:
        return pid == above or (pid in parents and below(parents[pid]))

    return [pid for pid in named if below(pid)]


def calls(lines: list[str]) -> list[str]:
    """Without the seconds, which differ."""
    return [re.sub(r'"seconds": [\d.]+, ', "", line) for line in lines]


@needs_ray
def test_a_killed_worker_costs_nothing_but_time(runs: Runs, cluster: tuple[str, int]) -> None:
    """Its documents are done by another; the folder is the other engine's, and nothing else is printed."""
    runs.address, holder = cluster
    with runs.start() as driver:
        wait_for(lambda: len(runs.lines()) >= ENOUGH, driver)
        (first, *others) = workers(holder)
        os.kill(first, signal.SIGKILL)
        at = len(runs.lines())
        said = driver.communicate(timeout=PATIENCE)[0]
    assert (len(others), driver.returncode) == (1, 1)  # one input cannot be read
    assert at < DOCUMENTS
    assert said.startswith("[1/41] ")
    assert said.count("\n[") == DOCUMENTS
    assert runs.run("local")[0] == 1
    assert len(runs.lines()) == DOCUMENTS
    for name in (EXTRACTIONS, LOST, ERRORS):
        assert runs.lines("ray", name) == runs.lines("local", name) != []
    assert calls(runs.lines("ray", CALLS)) == calls(runs.lines("local", CALLS))


@needs_ray
def test_a_killed_driver_leaves_a_folder_that_goes_on(runs: Runs, cluster: tuple[str, int]) -> None:
    """No question whose answer is on disk is asked again, whichever engine asked it."""
    runs.address = cluster[0]
    with runs.start() as driver:
        wait_for(lambda: len(runs.lines()) >= ENOUGH, driver)
        driver.kill()
    done = len(runs.lines("ray", CALLS))
    extractions = runs.folder / "ray" / EXTRACTIONS
    kept = extractions.read_text().splitlines(keepends=True)
    extractions.write_text("".join(kept[: ENOUGH // 2]))  # the answers of the others are there
    time.sleep(1)
    before = len(runs.model.asked)
    assert runs.run()[0] == 1
    assert len(runs.model.asked) - before == DOCUMENTS - done
    assert runs.run("local")[0] == 1
    assert runs.lines() == runs.lines("local")


EACH = TOKENS_IN + TOKENS_OUT


@needs_ray
@pytest.mark.parametrize("killed", [False, True], ids=["all well", "a worker killed"])
def test_a_limit_holds_for_all_workers_together(
    runs: Runs, cluster: tuple[str, int], killed: bool
) -> None:
    """It is never passed, what was answered is kept and compared with its forecast, and a higher limit goes on."""
    runs.address, holder = cluster
    assert runs.run("local")[0] == 1  # what a request takes is known from now on
    asked = len(runs.model.asked)
    runs.environment = {"MAX_TOKENS": str(15 * EACH + 20)}
    with runs.start() as driver:
        if killed:
            wait_for(lambda: len(runs.lines()) >= 4, driver)
            os.kill(workers(holder)[0], signal.SIGKILL)
        said = driver.communicate(timeout=PATIENCE)[0]
    assert driver.returncode == 1
    assert "stopped: --max-tokens 1,670: 1,650 spent in 15 requests" in said, said
    assert "requests, forecast / actual" in said
    done = len(runs.lines("ray", CALLS))
    sent = (
        len(runs.model.asked) - asked
    )  # a worker may be killed when it has room and has not asked yet
    assert 15 - 4 <= done <= sent <= 15 if killed else done == sent == 15
    asked = len(runs.model.asked)
    runs.environment = {}
    assert runs.run()[0] == 1  # one input cannot be read
    assert len(runs.model.asked) - asked == DOCUMENTS - done
    assert runs.lines() == runs.lines("local")


@needs_ray
def test_a_killed_driver_loses_no_answer_that_the_cache_keeps(
    runs: Runs, cluster: tuple[str, int]
) -> None:
    """Its workers keep each one as it comes: what was lost on the way to the folder is not asked for again."""
    runs.address = cluster[0]
    runs.environment = {"COMMUNIQUE_CACHE": str(runs.folder / "answers.sqlite")}
    with runs.start() as driver:
        wait_for(lambda: len(runs.model.asked) >= ENOUGH, driver)
        driver.kill()
    time.sleep(2)
    under_way = 4
    before = len(runs.model.asked)
    assert runs.run()[0] == 1
    assert len(runs.model.asked) <= DOCUMENTS + under_way
    assert len(runs.lines()) == DOCUMENTS > before


@needs_ray
def test_a_refused_key_stops_the_run(runs: Runs, cluster: tuple[str, int]) -> None:
    """With its one line, and what was finished before is kept."""
    runs.address = cluster[0]
    for path in list((runs.folder / "in").iterdir())[3:]:
        path.unlink()
    runs.model.on("schools", Reply("no", status=401))
    code, said = runs.run()
    assert code == 3
    assert said.splitlines()[-1].endswith("refused the key (HTTP 401): check it")
    assert "Traceback" not in said


@needs_ray
def test_a_cluster_of_its_own_is_gone_when_the_run_is_stopped(runs: Runs) -> None:
    """Ctrl-C ends it with what is finished; workers load a schema from the user's own file."""
    schema = Path(__file__).parent.parent / "docs" / "recalls" / "recalls.py"
    (runs.folder / "mine.py").write_text(schema.read_text())
    runs.schema = "mine.py:Recall"
    runs.model.on("schools", Reply({}, delay=0.2))
    with runs.start() as driver:
        wait_for(lambda: len(runs.lines()) >= ENOUGH, driver)
        pids = workers(driver.pid)
        driver.send_signal(signal.SIGINT)
        said = driver.communicate(timeout=PATIENCE)[0]
    assert driver.returncode == 130
    assert ENOUGH <= len(runs.lines()) < DOCUMENTS
    assert re.fullmatch(r"(\[\d+/41\] .*\n)+", said)
    assert pids
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]


@pytest.mark.parametrize(
    "source",
    [
        Input("a", Path("in/a.txt")),
        Input("a", "s3://bucket/a.txt"),
        Input("a", Path("in/t.jsonl"), Row(3, 120, "a", Columns())),
    ],
)
def test_inputs_go_to_other_processes_and_are_light(source: Input) -> None:
    """Whatever they name."""
    data = pickle.dumps((source, Known()))
    assert pickle.loads(data) == (source, Known())
    assert len(data) < 1000


def test_what_became_of_a_document_is_told_elsewhere_in_order(tmp_path: Path) -> None:
    """Each call, then the document; what was known beforehand does not travel."""
    schema, document = load("crisis"), Document("a", "12 schools reopened.")
    gathered = Gathered(Known("0" * 64))
    gathered.opened(1)
    passage = Passage(1, (Stretch(0, 20),))
    gathered.keep_call(document, passage, "key", Answer((), Usage(1000, 0, 1000), cost=0.5))
    gathered.answered(Usage(1000, 0, 1000))
    gathered.keep(schema, Extraction(document, ()))
    data = pickle.dumps(gathered)
    assert b"0" * 64 not in data
    tally = Tally(1)
    with RunFolder(tmp_path / "run", {}) as folder:
        asker = Asker(Endpoint("fake", base_url="http://nowhere/v1"), schema, LARGE)
        pickle.loads(data).tell(Job(schema, LARGE, asker, folder, tally, 1))
        assert folder.has(document)
    (call,) = read_lines(tmp_path / "run" / CALLS)
    assert call["cost"] == 0.5
    assert (tally.documents, tally.passages, tally.settled) == (1, 1, 1)


@needs_ray
def test_a_forecast_starts_no_cluster(tmp_path: Path) -> None:
    """It is that of the same documents on any engine."""
    (tmp_path / "a.txt").write_text("On Monday 12 schools reopened in Tarvo.")
    choice = choose(Asked("fake", "http://127.0.0.1:9/v1"), "crisis")
    inputs, said = find_inputs([str(tmp_path / "a.txt")]), StringIO()
    session = RaySession(choice, "127.0.0.1:1")
    order = Order(inputs, tmp_path / "run", load("crisis"), choice, session=session)
    assert foresee(order, Console(file=said, width=200)) == 0
    assert "forecast for 1 document" in said.getvalue()
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_a_dead_worker_leaves_its_room_spent() -> None:
    """Those who wait for it are told."""
    price, took = Price("gpt-5-mini", "openai"), Sums(1, 900, 500, 1000, 0, 100, 0.1, 1)
    choice = choose(Asked("fake", "http://127.0.0.1:9/v1"), "crisis")
    outlook = Outlook(4, Past((took,), 1), usual(choice, "characters"), price)
    nothing = dict.fromkeys(
        ("tokens_in", "tokens_cached", "tokens_out", "seconds", "requests", "cost"), 0
    )

    async def go() -> None:
        till = Till(outlook, Caps(tokens=2300), nothing)
        assert [await till.reserve("first", number, took) for number in (1, 2)] == [None, None]
        waiting = asyncio.create_task(till.reserve("second", 1, took))
        await asyncio.sleep(0.01)
        assert not waiting.done()
        await till.forget("first")
        assert "2,200 spent in 2 requests" in str(await waiting)

    asyncio.run(go())


def test_the_embedded_model_is_refused() -> None:
    """It runs where the command does, and nowhere else."""
    with pytest.raises(UsageError, match="--engine local"):
        RaySession(choose(Asked(), "crisis"))
