"""The parts of a check: each has a time limit, its output in the report as it comes, and a row in the table."""

import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent.parent
USUAL_SECONDS = 600  # that the parts' time limits are made for
TABLE_SECONDS = 5  # kept for ending what runs, and for the table
TOO_LATE = "the time was over"
SKIPPED = 77  # exit code of tests that lack what they need


class Failed(Exception):
    """A part did not do what it should; the message stands in the table."""


class Unexpected(Exception):
    """A number is further off than it should be, but not so far that something must be wrong."""


class Skipped(Exception):
    """A part lacks what it needs; the message says what."""


class TimedOut(Exception):
    """A part was ended at its time limit; `output` is what its command had written."""

    def __init__(self, message, output=""):
        super().__init__(message)
        self.output = output


class Ended(NamedTuple):
    code: int  # None: at its time limit
    output: str


def line_by_line(*command):
    """The command, made to write each line at once: what it keeps to itself is lost where it is killed."""
    return (["stdbuf", "-oL"] if shutil.which("stdbuf") else []) + list(command)


class Checks:
    def __init__(self, build, report, seconds):
        self.build, self.begun = build, time.monotonic()
        self.end = self.begun + seconds - TABLE_SECONDS
        self.scale = max(1, seconds / USUAL_SECONDS)  # with more time each part has more
        self.deadline = self.end
        self.rows = []
        self.has_tests = False
        self.milliseconds = {}  # an epoch of SASRec on Toys, by precision
        self.environment = {**os.environ, "PYTHONUNBUFFERED": "1"}  # of all that is started
        report.parent.mkdir(parents=True, exist_ok=True)
        self.report = open(report, "w", buffering=1)
        self.lock = threading.Lock()
        self.running = set()
        self.scratch = Path(tempfile.mkdtemp())

    def write(self, text):
        """Into the report alone."""
        with self.lock:
            self.report.write(text)
            self.report.flush()

    def say(self, text):
        print(text, flush=True)
        self.write(text + "\n")

    def limit(self, seconds):
        """What runs from now on has so much time, or what is left."""
        self.deadline = min(time.monotonic() + seconds * self.scale, self.end)

    def is_late(self):
        """Whether too little time is left for anything."""
        return self.end - time.monotonic() < 3

    def part(self, name, seconds, work):
        """Runs work(self) for at most `seconds`; what it returns, or raises, becomes a row of the table."""
        start = time.monotonic()
        self.limit(seconds)
        self.say(f"== {name}")
        row = ("stopped", "by a signal")
        try:
            if self.is_late():
                raise Skipped(TOO_LATE)
            row = ("ok", work(self))
        except Skipped as why:
            row = ("skipped", str(why))
        except Unexpected as why:
            row = ("more than expected", str(why))
        except Failed as why:
            row = ("FAILED", str(why))
        except TimedOut as why:
            row = ("TIMEOUT", str(why))
        except Exception as why:  # what is missing or reads otherwise than expected must not hide the other parts
            row = ("FAILED", f"{type(why).__name__}: {why}")
        finally:
            took = time.monotonic() - start
            self.rows.append((name, row[0], f"{row[1] or ''} [{took:.0f} s]".strip()))
            self.say(f"-- {row[0]}: {row[1] or ''} ({took:.1f} s)")
        return row[0] == "ok"

    def call(self, command, seconds, environment=None, live=True):
        """Runs a command for at most `seconds`, its output to the report as it comes (`live`) or not at all."""
        # A session of its own, so that what the command starts ends with it: a test that a sanitizer leaves behind
        # would stay on the GPU, and slow down all that is measured later.
        process = subprocess.Popen([str(word) for word in command], cwd=ROOT, text=True, errors="replace",
                                   start_new_session=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, env={**self.environment, **(environment or {})})
        self.running.add(process)
        lines = []

        def read():
            for line in process.stdout:
                lines.append(line)
                if live:
                    self.write(line)

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        try:
            code = process.wait(timeout=max(0.1, seconds))
        except subprocess.TimeoutExpired:
            code = None
        finally:
            self.kill(process)
            reader.join(timeout=2)
        return Ended(code, "".join(list(lines)))

    def kill(self, process):
        """With all that it has started."""
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()
        self.running.discard(process)

    def run(self, *command, environment=None):
        """Runs a command to the end of the part's time, and returns its output."""
        self.write("$ " + " ".join(str(word) for word in command) + "\n")
        left = self.deadline - time.monotonic()
        ended = self.call(command, left, environment)
        if ended.code is None:
            self.write("(ended before its time)\n")
            raise TimedOut(f"after {left:.0f} s", ended.output)
        last = (ended.output.strip().splitlines() or [""])[-1]
        if ended.code == SKIPPED:
            raise Skipped(last)
        if ended.code != 0:
            raise Failed(f"exit code {ended.code}: {last[:100]}")
        return ended.output

    def finish(self):
        """Prints the table; returns the exit code."""
        for process in list(self.running):
            self.kill(process)
        self.say("")
        width, of_state = (max((len(row[column]) for row in self.rows), default=0) for column in (0, 1))
        for name, state, detail in self.rows:
            self.say(f"{name:<{width}}  {state:<{of_state}}  {detail}")
        late = sum(detail.startswith(TOO_LATE) for _, _, detail in self.rows)
        self.say(f"{time.monotonic() - self.begun:.0f} s in all; parts that did not come to their turn: {late}; "
                 f"report: {self.report.name}")
        shutil.rmtree(self.scratch, ignore_errors=True)
        return 1 if any(state in ("FAILED", "TIMEOUT") for _, state, _ in self.rows) else 0
