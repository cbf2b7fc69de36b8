"""Trains GRU4Rec or SASRec with CCE in PyTorch and prints, as JSON, seconds per epoch and losses.

    python3 train.py --data Toys_and_Games.txt --model sasrec --variant padded --steps 7

  padded    windows of 50, and a softmax over all items at each of their places: 89 % of them padding
  selected  windows of 50, but scores only where there is a target, as the paper's authors have it
  packed    the best PyTorch we can write: windows cut to the batch's longest sequence, everything but attention (or
            the recurrence) on valid rows alone, fused Adam
  compiled  the same under torch.compile

`--steps` stops after so many steps and multiplies the median by the steps of an epoch; 0 runs whole epochs.
"""

import argparse
import json
import resource
import statistics
import time

import torch
from torch.nn import functional as F

import data
from models import MODELS

MAX_LENGTH, BATCH_SIZE, WARM_UP_STEPS = 50, 256, 2


def loss_of(model, variant, sequences, encode):
    table = model.item_embeddings.weight
    inputs_BL, targets_BL = (ids_BL.to(table.device) for ids_BL in data.padded(sequences, MAX_LENGTH))
    if variant == "padded":
        scores = encode(inputs_BL).flatten(0, 1) @ table.T
        return F.cross_entropy(scores, targets_BL.flatten(), ignore_index=0)
    if variant == "selected":
        valid_BL = targets_BL > 0
        return F.cross_entropy(encode(inputs_BL)[valid_BL] @ table.T, targets_BL[valid_BL])
    longest = int((inputs_BL > 0).sum(1).max())
    inputs_BL, targets_BL = inputs_BL[:, -longest:], targets_BL[:, -longest:]
    valid_BL = inputs_BL > 0
    return F.cross_entropy(encode(inputs_BL, valid_BL) @ table.T, targets_BL[valid_BL])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--model", choices=MODELS, default="sasrec")
    parser.add_argument("--variant", choices=["padded", "selected", "packed", "compiled"], default="padded")
    parser.add_argument("--steps", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--tf32", action="store_true", help="products of a GPU in TF32")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.set_default_device(options.device)
    torch.manual_seed(42)
    if options.tf32:
        torch.set_float32_matmul_precision("high")

    sequences = data.read_sequences(options.data)
    model = MODELS[options.model](data.count_item_rows(options.data), MAX_LENGTH)
    encode = model if options.variant in ("padded", "selected") else model.forward_packed
    if options.variant == "compiled":
        encode = torch.compile(encode, dynamic=True)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=options.variant in ("packed", "compiled"))

    steps_per_epoch = -(-len(sequences) // BATCH_SIZE)
    step_seconds, epoch_seconds, losses, rows = [], [], [], 0
    for epoch in range(1 if options.steps else options.epochs):
        total = rows = 0
        begin = time.perf_counter()
        for index, batch in enumerate(data.batches(sequences, BATCH_SIZE, seed=epoch)):
            start = time.perf_counter()
            optimizer.zero_grad()
            loss = loss_of(model, options.variant, batch, encode)
            loss.backward()
            optimizer.step()
            count = sum(len(items) - 1 for items in batch)
            total, rows = total + loss.detach() * count, rows + count
            if options.steps and options.device == "cuda":  # else a step would end before the GPU has done it
                torch.cuda.synchronize()
            if index >= WARM_UP_STEPS or not options.steps:
                step_seconds.append(time.perf_counter() - start)
            if options.steps and len(step_seconds) == options.steps:
                break
        losses.append(float(total / rows))  # waits for a GPU
        epoch_seconds.append(time.perf_counter() - begin)
    if options.steps:
        epoch_seconds = [statistics.median(step_seconds) * steps_per_epoch]
    print(
        json.dumps(
            {
                "peer": f"PyTorch {torch.__version__.split('+')[0]}, {options.variant}",
                "model": options.model,
                "seconds_per_epoch": epoch_seconds[-1],
                "measured": f"{options.steps} steps" if options.steps else f"epoch {options.epochs}",
                "losses": losses,
                "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            }
        )
    )


if __name__ == "__main__":
    main()
