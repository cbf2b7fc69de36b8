"""Trainings that must repeat and agree with the CPU's, how fast they are, single operations, and PyTorch."""

import json
import os
import statistics
import sys
from pathlib import Path

from gpu_checks.table import Failed, Skipped, Unexpected


def train(checks, folder, environment=None, command="train", **options):
    """Trains, or pre-trains, into a scratch folder; returns metrics.jsonl as dictionaries."""
    words = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", value)]
    out = checks.scratch / folder
    checks.run(checks.build / "cce_rec", command, "--out", out, "--overwrite", "--quiet", *words,
               environment=environment)
    return [json.loads(line) for line in open(out / "metrics.jsonl")]


def result_of(checks, folder):
    return json.load(open(checks.scratch / folder / "result.json"))


def difference(losses, others):
    """The largest one, relative."""
    return max(abs(a - b) / abs(a) for a, b in zip(losses, others, strict=True))


def require_small(text, *differences_and_limits):
    """Nobody has seen yet how far a GPU's sums are from a CPU's: a limit is where it becomes remarkable, ten times the
    limit where something must be wrong."""
    if not all(number <= 10 * limit for number, limit in differences_and_limits):
        raise Failed(text)
    expected = ", ".join(f"{limit:.0e}" for _, limit in differences_and_limits)
    if not all(number <= limit for number, limit in differences_and_limits):
        raise Unexpected(f"{text} (expected: at most {expected})")
    return text


def demo_run(checks, folder, graphs):
    return train(checks, folder, model="sasrec", loss="cce", data="demo", epochs=2, device="cuda",
                 environment={"CCE_CUDA_GRAPHS": graphs})


def repeats(checks):
    """With and without captured steps. Between the two only losses must agree: products of more rows may be
    computed in another order."""
    losses, weights = {}, {}
    for run, graphs in (("one", "0"), ("two", "0"), ("captured", "1"), ("captured again", "1")):
        losses[run] = [epoch["loss"] for epoch in demo_run(checks, run, graphs)]
        weights[run] = (checks.scratch / run / "last.safetensors").read_bytes()
    if weights["one"] != weights["two"]:
        raise Failed("two runs end with different bytes")
    if weights["captured"] != weights["captured again"]:
        raise Failed("two runs with captured steps end with different bytes")
    if weights["one"] == weights["captured"]:
        return "two runs, and two with captured steps, end with the same bytes"
    worst = difference(losses["one"], losses["captured"])
    return require_small("two runs end with the same bytes, and two with captured steps; their losses differ by "
                         f"{worst:.1e}", (worst, 1e-4))


def recommendations(checks):
    """What a run of repeats() recommends on both devices."""
    if not (checks.scratch / "one").exists():
        demo_run(checks, "one", "0")
    cpu, cuda = (json.loads(checks.run(checks.build / "cce_rec", "recommend", "--checkpoint", checks.scratch / "one",
                                       "--history", "17,93,4", "--json", "--device", device).splitlines()[-1])
                 for device in ("cpu", "cuda"))
    if cpu["items"] != cuda["items"]:
        raise Failed(f"{cpu['items']} and {cuda['items']}")
    return "both devices recommend the same ten"


def agreement(checks, model, loss):
    """Of the first ten steps, each an epoch of one batch, and of two epochs."""
    alone = {"pretrain_epochs": 0} if model == "s3rec" else {}
    steps, epochs = (difference(*([epoch["loss"] for epoch in
                                   train(checks, device, model=model, loss=loss, data="demo", device=device, **alone,
                                         **options)]
                                  for device in ("cpu", "cuda")))
                     for options in ({"epochs": 10, "batch_size": 100000, "patience": 0}, {"epochs": 2}))
    return require_small(f"losses of ten steps differ by {steps:.1e}, of two epochs by {epochs:.1e}", (steps, 1e-5),
                         (epochs, 1e-4))


def data(name, kind=".txt"):
    """The data set where it is at hand, else the demo."""
    folder = os.environ.get("CCE_REC_DATA")
    files = {"toys": "Toys_and_Games", "sports": "Sports_and_Outdoors"}
    return name if folder and (Path(folder) / (files[name] + kind)).exists() else "demo"


def speed(checks, model, name, precision):
    """Epochs with steps as they are started, and captured as graphs, once for each kind."""
    plain, captured = (train(checks, "speed", model=model, loss="cce", data=data(name), epochs=4, device="cuda",
                             precision=precision, environment={"CCE_CUDA_GRAPHS": graphs}) for graphs in ("0", "1"))
    epoch, graph, valid = (1000 * statistics.median(one[key] for one in epochs[1:])
                           for epochs, key in ((plain, "seconds_train"), (captured, "seconds_train"),
                                               (plain, "seconds_valid")))
    text = f"{data(name)}: {epoch:.1f} ms an epoch, {graph:.1f} captured, {valid:.1f} ms its evaluation"
    if model != "sasrec" or data(name) == "demo" or precision == "bf16":
        return text
    if name == "toys":
        checks.milliseconds[precision] = min(epoch, graph)
    target = {"toys": 15, "sports": 30}[name] * (2 if precision == "fp32" else 1)
    return f"{text} (targets: {target} ms an epoch, 5 ms its evaluation)"


def pretraining_speed(checks, precision):
    """Steps of 100 prefixes, in which everything is done that has to be done for them."""
    name, milliseconds = data("toys", "_item2attributes.json"), []
    for graphs in ("0", "1"):
        epochs = train(checks, "pretraining", command="pretrain", data=name, pretrain_epochs=3, device="cuda",
                       precision=precision, environment={"CCE_CUDA_GRAPHS": graphs})
        steps = -(-result_of(checks, "pretraining")["samples"] // 100)
        milliseconds.append(1000 * statistics.median(epoch["seconds_train"] for epoch in epochs[1:]) / steps)
    return f"{name}: {milliseconds[0]:.2f} ms a step, {milliseconds[1]:.2f} captured (target: 1 ms)"


def quality(checks, precision):
    train(checks, "quality", model="sasrec", loss="cce", data=data("toys"), epochs=30, patience=0, device="cuda",
          precision=precision)
    result = result_of(checks, "quality")
    memory = result["peak_device_bytes"] / 1e6
    return f"{data('toys')}: test NDCG@10 {result['test']['NDCG@10']:.4f} after 30 epochs, {memory:.0f} MB"


def operations(checks):
    """All of bench ops goes to the report; the softmax over large catalogues to the table, too."""
    table = checks.run(checks.build / "cce_rec", "bench", "ops", "--device", "cuda", "--repeats", 3)
    large = [line.split() for line in table.splitlines() if " 1 M items" in line]
    memory = next((line.split(":")[1].strip() for line in table.splitlines() if line.startswith("GPU memory")),
                  "more than this GPU has free")
    speeds = ", ".join(f"{words[-3]} {float(words[-1]) / 1000:.0f}" for words in large)
    return (f"softmax over 1 M items in TFLOP/s: {speeds} (targets tf32 150, bf16 350); "
            f"10 M items with Adam in {memory} (target 12 GB)")


def peer(checks, variant):
    """An epoch of SASRec with CCE in PyTorch, see tools/peers/README.md."""
    try:
        checks.run(sys.executable, "-c", "import torch; assert torch.cuda.is_available()")
    except Failed:
        raise Skipped("no PyTorch with CUDA") from None
    if data("toys") == "demo":
        raise Skipped("CCE_REC_DATA names no folder with Toys_and_Games.txt")
    output = checks.run(sys.executable, "tools/peers/train.py", "--data",
                        Path(os.environ["CCE_REC_DATA"]) / "Toys_and_Games.txt", "--model", "sasrec", "--variant",
                        variant, "--device", "cuda", "--steps", 0 if variant == "compiled" else 30,
                        *([] if variant == "selected" else ["--tf32"]))
    result = json.loads(output.strip().splitlines()[-1])
    milliseconds = 1000 * result["seconds_per_epoch"]
    ratios = ", ".join(f"{milliseconds / own:.1f} times {precision}" for precision, own in checks.milliseconds.items())
    target = 20 if variant == "selected" else 5
    return (f"toys: {milliseconds:.1f} ms an epoch, {result['peer']}: {ratios or 'no epoch beside it'} "
            f"(target: {target} times)")
