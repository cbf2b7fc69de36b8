"""The build, and the GPU that it finds."""

import os
import re
import shutil
import sys
from pathlib import Path

from gpu_checks.table import Failed, Skipped

# By words of what cce_rec says is wrong.
REMEDIES = {
    "libcublas": "install it (CUDA's package of it, or pip install nvidia-cublas), or name its folder in "
                 "LD_LIBRARY_PATH",
    "no NVIDIA driver": "install NVIDIA's driver; a container has to be started with the GPU",
    "driver knows CUDA": "install a newer driver, or build with an older CUDA (CUDACXX=PATH/nvcc)",
    "CUDA_VISIBLE_DEVICES": "unset CUDA_VISIBLE_DEVICES",
    "was built for": "a GPU of compute capability 8.0 or later is needed; delete the build folder if it was built for "
                     "another",
    "without CUDA": "build with -DCCE_CUDA=ON (leave out --no-build)",
}

PYTHON_FOLDERS = """import importlib.util
found = importlib.util.find_spec("nvidia")
print(*(found.submodule_search_locations if found else []), sep="\\n")"""


def architectures(checks):
    """The GPUs of this machine as CMake calls them ("90-real"), for which alone to build takes less time; empty where
    that is not known."""
    if not shutil.which("nvidia-smi"):
        return ""
    answer = checks.call(["nvidia-smi", "--query-gpu=compute_cap", "--format=csv,noheader"], 20)
    found = {int(major + minor) for major, minor in re.findall(r"^(\d+)\.(\d)\s*$", answer.output, re.MULTILINE)}
    return ";".join(f"{number}-real" for number in sorted(found) if number >= 80)


def configure(checks, *options):
    checks.run("cmake", "-S", ".", "-B", checks.build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", "-DCCE_CUDA=ON",
               "-DCCE_WERROR=OFF", *options)


def build_target(checks, target):
    """Goes on after an error, so that the report has all of them."""
    checks.run("cmake", "--build", checks.build, "--target", target, "--", "-k", "0")


def build_program(checks):
    """What nearly all parts need."""
    present = architectures(checks)
    try:
        configure(checks, f"-DCCE_CUDA_ARCHITECTURES={present}" if present else "-UCCE_CUDA_ARCHITECTURES")
    except Failed:
        if not present:
            raise
        checks.say(f"not for {present} alone, which this nvcc may not know")
        present = ""
        configure(checks, "--fresh")
    build_target(checks, "cce_rec")
    return f"for {present or 'the usual GPUs'}"


def build_tests(checks):
    build_target(checks, "cce_tests")
    checks.has_tests = True


def look_for_gpu(checks):
    """What the program says of the GPU, and why it cannot be used; empty: it can."""
    found = checks.run(checks.build / "cce_rec", "devices")
    gpu = next(line for line in found.splitlines() if line.startswith("gpu")).removeprefix("gpu").strip()
    problem = re.search(r"^gpu +none: (.*)|^ +not usable: (.*)", found, re.MULTILINE)
    return gpu, (problem[1] or problem[2]) if problem else ""


def folders_with_cublas(checks):
    """Where Python's packages have it: .../nvidia/cu13/lib, or .../nvidia/cublas/lib."""
    folders = []
    for python in dict.fromkeys((sys.executable, shutil.which("python3"))):
        if not python:
            continue
        for line in checks.call([python, "-c", PYTHON_FOLDERS], 20).output.splitlines():
            folders += sorted({str(file.parent) for file in Path(line).glob("*/lib/libcublas.so.*")})
    return list(dict.fromkeys(folders))


def device(checks):
    if shutil.which("nvidia-smi"):
        checks.call(["nvidia-smi"], 20)
    gpu, problem = look_for_gpu(checks)
    if "libcublas" in problem:
        folders = folders_with_cublas(checks)
        if folders:
            checks.say(f"{problem}; once more with Python's, in {', '.join(folders)}")
            before = checks.environment.get("LD_LIBRARY_PATH")
            checks.environment["LD_LIBRARY_PATH"] = os.pathsep.join(folders + ([before] if before else []))
            gpu, problem = look_for_gpu(checks)
    if problem:
        remedy = next((text for words, text in REMEDIES.items() if words in problem),
                      'see "When something is wrong" in docs/gpu.md')
        raise Skipped(f"{problem}. What to do: {remedy}")
    return gpu
