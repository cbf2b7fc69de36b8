"""The gpu: tests, each in a process of its own, and those of single operations under compute-sanitizer."""

import os
import re
import shutil
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from gpu_checks.table import SKIPPED, Failed, Skipped, TimedOut, line_by_line

TRAININGS = ("train", "checkpoint", "captured")  # in the names of longer tests; sanitizers cannot see captured steps
LONG = ("so many items", "to the last bit")  # of operations, but too long under sanitizers
CASE_SECONDS = 60
JOBS = 8
FOUND = 99  # exit code of the sanitizer where it found something; doctest's is 1


def program(checks):
    if not checks.has_tests:
        raise Skipped("cce_tests is not built")
    return checks.build / "tests/cce_tests"


def cases(checks, of_trainings):
    """Names of tests; doctest compares without case, too."""
    listed = checks.run(program(checks), "--list-test-cases", "-tc=gpu:*").splitlines()
    return [name for name in listed if name.startswith("gpu: ")
            and any(word in name.lower() for word in TRAININGS) == of_trainings]


def run_cases(checks, names, environment=None):
    """A process for each, since after an error of CUDA nothing more works in that one. Returns how each ended."""

    def run(name):
        start = time.monotonic()
        left = checks.deadline - start
        if left <= 0:
            return "not run"
        command = line_by_line(program(checks), "--test-case=" + name.replace(",", "\\,"))  # else two names
        ended = checks.call(command, min(CASE_SECONDS * checks.scale, left), environment, live=False)
        state = {0: "passed", SKIPPED: "skipped", None: "ended at their time limit"}.get(ended.code, "failed")
        checks.write(f"{state}, {time.monotonic() - start:.1f} s: {name}\n{'' if ended.code == 0 else ended.output}")
        return state

    pool = ThreadPoolExecutor(max(2, min(JOBS, os.cpu_count())))
    try:
        return dict(zip(names, pool.map(run, names)))
    finally:  # of a check that is stopped, those that still run are ended by finish()
        pool.shutdown(wait=False, cancel_futures=True)


def counted(states):
    return ", ".join(f"{count} {state}" for state, count in Counter(states.values()).items())


def tests(checks, of_trainings):
    states = run_cases(checks, cases(checks, of_trainings))
    bad = [name for name, state in states.items() if state in ("failed", "ended at their time limit")]
    if bad:
        text = f"{counted(states)}; the first: {bad[0]}"
        # Once more for the report, with more time: a kernel that fails is then named. Captured steps cannot wait.
        again = [name for name in bad if "captured" not in name]
        if again:
            checks.write("== once more, with CCE_CUDA_BLOCKING=1\n")
            checks.limit(CASE_SECONDS)
            blocking = run_cases(checks, again, {"CCE_CUDA_BLOCKING": "1"})
            text += f"; once more, waiting for each kernel: {counted(blocking)}"
        raise Failed(text)
    if "not run" in states.values():
        raise TimedOut(counted(states))
    if "passed" not in states.values():  # as where no GPU is usable
        raise Failed("not one test ran")
    return counted(states)


def sanitizer_program():
    """CMake finds nvcc in these folders, too, so PATH need not name them."""
    roots = [os.environ.get("CUDA_PATH"), os.environ.get("CUDA_HOME"), "/usr/local/cuda"]
    folders = [os.environ.get("PATH", ""), *(f"{root}/{folder}" for root in roots if root
                                             for folder in ("bin", "compute-sanitizer"))]
    return shutil.which("compute-sanitizer", path=os.pathsep.join(folders))


def reports_of(output, tool):
    """What a sanitizer reports, by first lines: errors, and what need not be one. That is what it calls a warning, calls
    that cuBLAS makes, and what cuBLAS's kernels do with memory that is theirs or shared; where they touch memory that is
    nobody's, they were given a wrong size."""
    reports = []
    for line in output.splitlines():
        if re.match(r"========= \S", line):
            reports.append([line])
        elif line.startswith("=========  ") and reports:
            reports[-1].append(line)
    ours, others = [], []
    for lines in reports:
        title = lines[0].removeprefix("========= ")
        if re.match("COMPUTE-SANITIZER|.*SUMMARY:|Target application returned|Process ID|.*not (shown|printed)", title):
            continue
        device, _, host = re.sub("Saved host backtrace", "Host Frame", "\n".join(lines)).partition("Host Frame")
        in_kernel = re.search(r"\+0x|by thread", device)
        if in_kernel:
            own = re.search("cce::|_ZN3cce", device) or tool not in ("racecheck", "initcheck")
        else:
            own = "libcublas" not in host
        kernel = re.search(r"\w+_kernel\b", device)
        (ours if own and not title.startswith("Warning") else others).append(
            f"{title} ({kernel[0]})" if kernel and kernel[0] not in title else title)
    return ours, others


def sanitize(checks, tool):
    found = sanitizer_program()
    if not found:
        raise Skipped("compute-sanitizer is not installed")
    excluded = ",".join(f"*{word}*" for word in (*TRAININGS, *LONG))
    # All reports: 100 of cuBLAS's kernels could hide those of others.
    command = line_by_line(found, "--tool", tool, "--error-exitcode", FOUND, "--print-limit", 2000, program(checks),
                           "-tc=gpu:*", f"-tce={excluded}")
    checks.write("$ " + " ".join(str(word) for word in command) + "\n")
    ended = checks.call(command, checks.deadline - time.monotonic(), {"CCE_CUDA_EXACT_ALLOCATIONS": "1"})
    ours, others = reports_of(ended.output, tool)
    summary = next((line.split("test cases:")[1].strip() for line in ended.output.splitlines()
                    if "test cases:" in line), "")
    ran = re.match(r"(\d+) *\| *(\d+) passed *\| *(\d+) failed", summary)
    note = f"; warnings, and reports that are cuBLAS's: {len(others)}, the first: {others[0]}" if others else ""
    if ours:
        raise Failed(f"reports: {len(ours)}, the first: {ours[0]}{note}; tests: {summary or 'not all ended'}")
    if ended.code is None:
        raise TimedOut(f"{tool} had found nothing{note}")
    if not ran or ran[1] == "0":  # as where the sanitizer hides the GPU: its tests are then left out
        raise Failed(f"not one test ran (exit code {ended.code})")
    if ran[3] != "0":
        raise Failed(f"tests failed, {tool} found nothing{note}: {summary}")
    if ended.code == FOUND and not others:
        raise Failed(f"{tool} found something that this check cannot read, see the report")
    if ended.code not in (0, FOUND):
        raise Failed(f"exit code {ended.code}{note}: {summary}")
    return f"{ran[2]} tests{note}"


def whole_suite(checks):
    """All but what ran before."""
    checks.run("cmake", "--build", checks.build)
    output = checks.run("ctest", "--test-dir", checks.build, "--parallel", os.cpu_count(), "--output-on-failure", "-E",
                        "launcher|formatted|^gpu:")
    return next((line.strip() for line in output.splitlines() if "tests passed" in line), None)
