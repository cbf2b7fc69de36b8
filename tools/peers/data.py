"""The training sequences of a data set in the S3-Rec text form, and batches of them."""

import torch


def read_sequences(path):
    """What each user offers for training: all items but the last two, of these the last 51."""
    sequences = []
    for line in open(path):
        items = [int(word) for word in line.split()[1:]]
        if len(items) >= 4:
            sequences.append(items[:-2][-51:])
    return sequences


def count_item_rows(path):
    """Rows of the item table: padding, items, and the mask token, which the reference scores, too."""
    return max(int(word) for line in open(path) for word in line.split()[1:]) + 2


def padded(sequences, length):
    """Inputs and targets, [B, length], zeros on the left; a target of 0 is none."""
    inputs = torch.zeros(len(sequences), length, dtype=torch.long, device="cpu")
    targets = torch.zeros_like(inputs)
    for row, items in enumerate(sequences):
        count = len(items) - 1
        if count > 0:
            inputs[row, -count:] = torch.tensor(items[:-1], device="cpu")
            targets[row, -count:] = torch.tensor(items[1:], device="cpu")
    return inputs, targets


def batches(sequences, batch_size, seed):
    """One epoch of shuffled batches."""
    generator = torch.Generator(device="cpu").manual_seed(seed)
    order = torch.randperm(len(sequences), generator=generator, device="cpu").tolist()
    for first in range(0, len(order), batch_size):
        yield [sequences[user] for user in order[first : first + batch_size]]
