"""Tests tools/gpu_check where there is no GPU: all that it starts is a stand-in, which writes down how it was called
and does what the test says. So this covers its order, limits, choices and judgements, and nothing of the GPU."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
CASES = ["gpu: sums, and means", "gpu: ranks", "gpu: every model trains", "gpu: steps are captured",
         "gpu: ranks of so many items"]

# Of every program; FAKE is a dictionary of what goes wrong.
STAND_IN = r'''#!PYTHON -S
import json, os, pathlib, shutil, sys, time
name, words, fake = pathlib.Path(sys.argv[0]).name, sys.argv[1:], json.loads(os.environ.get("FAKE", "{}"))
root = pathlib.Path("ROOT")
with open(root / "calls", "a") as calls:
    calls.write(" ".join([name, *words]) + "\n")

def option(name):
    return words[words.index(name) + 1]

if name == "nvidia-smi":
    print(fake.get("compute_cap", "9.0") if "--query-gpu=compute_cap" in words else "a table")
elif name == "cmake":
    if "--build" not in words:
        if "90-real" in " ".join(words) and fake.get("old nvcc"):
            sys.exit("CUDA_ARCHITECTURES do not all work with this compiler")
        sys.exit()
    target = option("--target") if "--target" in words else "all"
    if target in fake.get("build fails", []):
        print("error: no")
        sys.exit(1)
    build = pathlib.Path(option("--build"))
    (build / "tests").mkdir(parents=True, exist_ok=True)
    shutil.copy(root / "bin/nvidia-smi", build / ("tests/cce_tests" if target == "cce_tests" else "cce_rec"))
elif name == "ctest":
    print("100% tests passed, 0 tests failed out of 9")
elif name == "cce_tests":
    if "--list-test-cases" in words:
        print("[doctest] listing all test case names\n" + "\n".join(CASES))
        sys.exit()
    case = words[0].removeprefix("--test-case=")
    print("runs", case, "blocking" if os.environ.get("CCE_CUDA_BLOCKING") else "")
    if case in fake.get("cases hang", []):
        time.sleep(100)
    sys.exit(fake.get("cases", {}).get(case, 0))
elif name == "compute-sanitizer":
    print("========= COMPUTE-SANITIZER\n" + fake.get("reports", ""), end="", flush=True)
    time.sleep(fake.get("sanitizer hangs", 0))
    print("===========================\n[doctest] test cases: "
          + fake.get("summary", " 3 |  3 passed | 0 failed | 9 skipped"))
    sys.exit(fake.get("sanitizer", 0))
elif words[0] == "devices":
    print("cpu      one\ngpu      " + fake.get("gpu", "H, compute capability 9.0, 132 multiprocessors"))
    if "problem" in fake and str(root / "packages/nvidia/cu13/lib") not in os.environ.get("LD_LIBRARY_PATH", ""):
        print("         not usable: " + fake["problem"])
elif words[0] in ("train", "pretrain"):
    out = pathlib.Path(option("--out"))
    out.mkdir(exist_ok=True)
    loss = 1 + (fake.get("off", 0) if option("--device") == "cuda" else 0)
    epoch = json.dumps({"loss": loss, "seconds_train": 0.01, "seconds_valid": 0.002})
    epochs = int(option("--pretrain-epochs" if words[0] == "pretrain" else "--epochs"))
    (out / "metrics.jsonl").write_text((epoch + "\n") * epochs)
    (out / "last.safetensors").write_text(os.environ.get("CCE_CUDA_GRAPHS", "") if fake.get("graphs differ") else "")
    (out / "result.json").write_text(
        json.dumps({"samples": 1000, "peak_device_bytes": 1e6, "test": {"NDCG@10": 0.5}}))
    if fake.get("trainings hang"):
        print("trains", flush=True)
        time.sleep(100)
elif words[0] == "recommend":
    print(json.dumps({"items": [1, 2] if option("--device") == fake.get("recommends otherwise") else [1]}))
elif words[0] == "bench":
    print("softmax, 16k rows, 1 M items, tf32    12.0   150000.0\nGPU memory at most: 11.00 GB")
'''

OURS = """========= Invalid __global__ read of size 4 bytes
=========     at void cce::cuda::<unnamed>::rows_kernel<cce::cuda::Tf32<64>>(float const *)+0x40
=========     by thread (0,0,0) in block (0,0,0)
=========     Saved host backtrace up to driver entry point at kernel launch time
=========         Host Frame: cublasGemmEx [0x1] in libcublas.so.13
=========
"""
CUBLAS = """========= Uninitialized __global__ memory read of size 4 bytes
=========     at void gemmSN_TN_kernel<float>(float const *)+0x40
=========     by thread (0,0,0) in block (0,0,0)
=========     Saved host backtrace up to driver entry point at kernel launch time
=========         Host Frame: cce::cuda::gemm(long) [0x1] in cce_tests
=========
"""
RACE = """========= Error: Race reported between Write access at void cce::cuda::sort_kernel(int*)+0x140
=========     and Read access at void cce::cuda::sort_kernel(int*)+0xe0 [4 hazards]
=========
"""
CALL = """========= Program hit cudaErrorInvalidValue (error 1) due to "invalid argument" on API call to cudaMemcpy.
=========     Saved host backtrace up to driver entry point at error
=========         Host Frame: cudaMemcpy [0x1] in cce_tests
=========
"""


def summary(errors):
    return f"========= ERROR SUMMARY: {errors} errors\n"


class Check(unittest.TestCase):
    def setUp(self):
        self.root = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.root)
        (self.root / "tools").mkdir()
        shutil.copy(PROJECT / "tools/gpu_check", self.root / "tools")
        shutil.copytree(PROJECT / "tools/gpu_checks", self.root / "tools/gpu_checks")
        (self.root / "bin").mkdir()
        text = STAND_IN.replace("PYTHON", sys.executable).replace("ROOT", str(self.root))
        for name in ("nvidia-smi", "cmake", "ctest", "compute-sanitizer"):
            program = self.root / "bin" / name
            program.write_text(text.replace("CASES)", f"{CASES})"))
            program.chmod(0o755)

    def start(self, *options, fake=None, environment=None):
        without = {"CCE_REC_DATA", "LD_LIBRARY_PATH", "CUDA_PATH", "CUDA_HOME"}
        return subprocess.Popen(
            [sys.executable, self.root / "tools/gpu_check", *options], text=True, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**{name: text for name, text in os.environ.items() if name not in without},
                 "PATH": f"{self.root / 'bin'}{os.pathsep}{os.environ['PATH']}", "FAKE": json.dumps(fake or {}),
                 **(environment or {})})

    def check(self, *options, **how):
        """Sets what it printed, the report, its calls, and the table as [(part, state, detail)]."""
        process = self.start(*options, **how)
        self.output = process.communicate()[0]
        self.read_table()
        return process.returncode

    def read_table(self):
        report, calls = self.root / "build/gpu-report.txt", self.root / "calls"
        self.report = report.read_text() if report.exists() else ""
        self.calls = calls.read_text().splitlines() if calls.exists() else []
        rows = re.findall(r"^([a-z]\S*) +(ok|skipped|more than expected|FAILED|TIMEOUT|stopped) +(.*\[\d+ s\])$",
                          self.output, re.MULTILINE)
        self.parts = [name for name, _, _ in rows]
        self.states = {name: state for name, state, _ in rows}
        self.details = {name: detail for name, _, detail in rows}

    def test_all_parts_run_in_their_order_with_a_row_each(self):
        self.assertEqual(self.check(), 0)
        groups = list(dict.fromkeys(re.sub("^(agreement|speed|metrics|pytorch)-.*", r"\1", part)
                                    for part in self.parts))
        self.assertEqual(groups, ["build", "device", "build-tests", "tests-operations", "memcheck", "tests-trainings",
                                  "repetition", "recommendations", "agreement", "bench-ops", "speed", "metrics",
                                  "racecheck", "initcheck", "synccheck", "pytorch", "suite"])
        self.assertEqual({state for part, state in self.states.items() if not part.startswith("pytorch")}, {"ok"})
        self.assertTrue(self.details["tests-operations"].startswith("3 passed"))
        self.assertTrue(self.details["tests-trainings"].startswith("2 passed"))
        self.assertIn("10.0 ms an epoch", self.details["speed-sasrec-toys-fp32"])
        self.assertIn("tf32 150", self.details["bench-ops"])
        self.assertTrue(any("-DCCE_CUDA_ARCHITECTURES=90-real" in call for call in self.calls))
        self.assertTrue(self.report.endswith(self.output[self.output.index("\n\nbuild "):]))  # the table, too
        self.assertIn("cce_tests --test-case=gpu: sums\\, and means", self.calls)

    def test_only_skip_and_no_build(self):
        self.assertEqual(self.check("--only", "speed-sasrec,recommendations", "--skip", "speed-sasrec-sports"), 0)
        self.assertEqual(self.parts, ["build", "device", "recommendations", *(f"speed-sasrec-toys-{precision}" for
                                                                              precision in ("fp32", "tf32", "bf16"))])
        (self.root / "calls").unlink()
        self.assertEqual(self.check("--only", "tests-operations", "--no-build"), 0)
        self.assertEqual(self.states, {"device": "ok", "tests-operations": "skipped"})  # what was never built
        self.assertFalse(any(call.startswith("cmake") for call in self.calls))
        self.assertEqual(self.check("--only", "tests-operations"), 0)
        self.assertEqual(self.parts, ["build", "device", "build-tests", "tests-operations"])
        self.assertEqual(self.check("--only", "tests-operations", "--no-build"), 0)
        self.assertEqual(self.states, {"device": "ok", "tests-operations": "ok"})
        self.assertEqual(self.check("--only", "spede"), 2)
        self.assertIn("no part is called spede", self.output)

    def test_a_failed_build_ends_it_one_of_the_tests_does_not(self):
        self.assertEqual(self.check(fake={"build fails": ["cce_rec"]}), 1)
        self.assertEqual(self.states, {"build": "FAILED"})
        self.assertEqual(self.check("--skip", "suite", fake={"build fails": ["cce_tests"]}), 1)
        self.assertEqual(self.states["build-tests"], "FAILED")
        for part in ("tests-operations", "memcheck", "racecheck"):
            self.assertEqual(self.states[part], "skipped")
        self.assertEqual(self.states["metrics-bf16"], "ok")
        self.assertTrue(all("-- -k 0" in call for call in self.calls if "--target" in call))

    def test_an_nvcc_that_does_not_know_the_gpu_builds_for_the_usual_ones(self):
        self.assertEqual(self.check("--only", "device", fake={"old nvcc": True}), 0)
        self.assertTrue(self.details["build"].startswith("for the usual GPUs"))
        self.assertTrue(any("--fresh" in call for call in self.calls))

    def test_a_case_that_fails_runs_once_more_unless_it_is_captured(self):
        fake = {"cases": {"gpu: ranks": 1, "gpu: steps are captured": 1}}
        self.assertEqual(self.check("--only", "tests,repetition", fake=fake), 1)
        self.assertEqual(self.states["tests-operations"], "FAILED")
        self.assertIn("2 passed, 1 failed; the first: gpu: ranks; once more, waiting for each kernel: 1 failed",
                      self.details["tests-operations"])
        self.assertIn("runs gpu: ranks blocking", self.report)
        self.assertEqual(self.states["tests-trainings"], "FAILED")
        self.assertNotIn("runs gpu: steps are captured blocking", self.report)
        self.assertEqual(self.states["repetition"], "ok")

    def test_without_a_test_that_ran_nothing_is_well(self):
        self.assertEqual(self.check("--only", "tests-trainings", fake={"cases": {name: 77 for name in CASES}}), 1)
        self.assertIn("not one test ran", self.details["tests-trainings"])

    def check_soon(self, part, fake):
        """Ten seconds are half used up by what the table keeps for itself."""
        self.check("--only", "build-tests")
        return self.check("--no-build", "--skip", "device,build-tests", "--seconds", "10", "--only", part, fake=fake)

    def test_the_table_comes_before_the_time_is_over_and_nothing_written_is_lost(self):
        fake = {"cases hang": ["gpu: ranks"], "trainings hang": True}
        self.assertEqual(self.check_soon("tests-operations,repetition,bench", fake), 1)
        self.assertLess(int(re.search(r"^(\d+) s in all", self.output, re.MULTILINE)[1]), 10)
        self.assertEqual(self.states["tests-operations"], "FAILED")
        self.assertIn("1 ended at their time limit", self.details["tests-operations"])
        self.assertIn("runs gpu: ranks", self.report)
        self.assertEqual({self.states[part] for part in ("repetition", "bench-ops")}, {"skipped"})
        self.assertIn("parts that did not come to their turn: 2", self.output)
        self.assertEqual(self.check_soon("repetition", fake), 1)
        self.assertEqual(self.states["repetition"], "TIMEOUT")
        self.assertIn("trains\n(ended before its time)", self.report)

    def test_sigterm_prints_the_table_and_ends_what_runs(self):
        process = self.start("--only", "repetition", fake={"trainings hang": True})
        for line in process.stdout:
            if line.startswith("== repetition"):
                break
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        self.output = process.communicate()[0]
        self.assertEqual(process.returncode, 143)
        self.read_table()
        self.assertEqual(self.states, {"build": "ok", "device": "ok", "repetition": "stopped"})

    def sanitized(self, tool, **fake):
        code = self.check("--only", tool, fake=fake)
        return code, self.states[tool], self.details[tool]

    def memcheck(self, **fake):
        return self.sanitized("memcheck", **fake)

    def test_what_the_sanitizer_found_and_what_the_tests_did_are_told_apart(self):
        self.assertEqual(self.memcheck(reports=summary(0))[:2], (0, "ok"))
        code, state, detail = self.memcheck(reports=summary(0), sanitizer=1,
                                            summary="3 | 2 passed | 1 failed | 9 skipped")
        self.assertEqual((code, state), (1, "FAILED"))
        self.assertIn("tests failed, memcheck found nothing", detail)
        code, state, detail = self.sanitized("initcheck", reports=OURS + CUBLAS + summary(2), sanitizer=99)
        self.assertEqual((code, state), (1, "FAILED"))
        self.assertIn("reports: 1, the first: Invalid __global__ read of size 4 bytes (rows_kernel)", detail)
        code, state, detail = self.sanitized("initcheck", reports=CUBLAS + summary(1), sanitizer=99)
        self.assertEqual((code, state), (0, "ok"))
        self.assertIn("reports that are cuBLAS's: 1, the first: Uninitialized", detail)
        self.assertEqual(self.memcheck(reports=CUBLAS, sanitizer=99)[1], "FAILED")  # given a wrong size
        self.assertIn("sort_kernel", self.sanitized("racecheck", reports=RACE, sanitizer=99)[2])
        self.assertEqual(self.sanitized("racecheck", reports=RACE.replace("Error", "Warning"))[:2], (0, "ok"))
        self.assertIn("Program hit", self.memcheck(reports=CALL, sanitizer=99)[2])
        self.assertEqual(self.memcheck(reports=CALL.replace("cce_tests", "libcublas.so.13"), sanitizer=99)[1], "ok")
        self.assertEqual(self.memcheck(reports=summary(4), sanitizer=99)[1], "FAILED")  # unread reports
        self.assertIn("not one test ran", self.memcheck(summary="0 | 0 passed | 0 failed | 900 skipped")[2])
        self.assertEqual(self.memcheck(reports=summary(0), sanitizer=-9)[1], "FAILED")

    def test_what_a_sanitizer_found_before_its_time_was_over_counts(self):
        for reports, state in ((OURS, "FAILED"), ("", "TIMEOUT")):
            self.check_soon("memcheck", {"reports": reports, "sanitizer hangs": 100})
            self.assertEqual(self.states["memcheck"], state)

    def test_a_number_somewhat_off_is_remarkable_and_one_far_off_is_wrong(self):
        for off, state, code in ((5e-6, "ok", 0), (5e-5, "more than expected", 0), (5e-3, "FAILED", 1)):
            self.assertEqual(self.check("--only", "agreement-sasrec,metrics-fp32", fake={"off": off}), code)
            self.assertEqual(self.states["agreement-sasrec-cce"], state)
            self.assertIn(f"losses of ten steps differ by {off:.1e}", self.details["agreement-sasrec-cce"])
            self.assertEqual(self.states["metrics-fp32"], "ok")

    def test_other_recommendations_fail(self):
        self.assertEqual(self.check("--only", "recommendations", fake={"recommends otherwise": "cuda"}), 1)

    def test_without_a_gpu_it_says_what_to_do(self):
        self.assertEqual(self.check(fake={"gpu": "none: there is no NVIDIA driver"}), 2)
        self.assertEqual(self.states, {"build": "ok", "device": "skipped"})
        self.assertIn("What to do: install NVIDIA's driver", self.output)

    def test_cublas_is_taken_from_pythons_packages_where_it_is_nowhere_else(self):
        fake = {"problem": "the GPU needs cuBLAS, and libcublas.so.13 was not found: install CUDA's libraries"}
        self.assertEqual(self.check("--only", "bench", fake=fake), 2)
        self.assertIn("What to do: install it", self.output)
        library = self.root / "packages/nvidia/cu13/lib/libcublas.so.13"
        library.parent.mkdir(parents=True)
        library.touch()
        (self.root / "packages/nvidia/__init__.py").touch()  # so that it hides one that is installed
        packages = {"PYTHONPATH": str(self.root / "packages")}
        self.assertEqual(self.check("--only", "bench", fake=fake, environment=packages), 0)
        self.assertEqual(self.states, {"build": "ok", "device": "ok", "bench-ops": "ok"})


if __name__ == "__main__":
    unittest.main()
