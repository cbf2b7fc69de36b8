"""Steps of RecBole, as pip installs it, with its own defaults, on the same sequences; prints JSON as train.py does.

RecBole's CE looks at the last place alone, but makes every prefix of a sequence a sample of its own, so that an epoch has
the targets of CCE.
"""

import argparse
import json
import pathlib
import resource
import statistics
import tempfile
import time

import torch

import data


def write_atomic_file(sequences, folder):
    """The data as RecBole reads it: one interaction a line, in order of time."""
    path = pathlib.Path(folder) / "peer" / "peer.inter"
    path.parent.mkdir()
    with open(path, "w") as out:
        out.write("user_id:token\titem_id:token\ttimestamp:float\n")
        for user, items in enumerate(sequences):
            # RecBole holds back two items of its own.
            for when, item in enumerate(items + [items[-1], items[-1]]):
                out.write(f"{user}\t{item}\t{when}\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--model", default="sasrec")
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)

    import recbole
    from recbole.config import Config
    from recbole.data import create_dataset, data_preparation
    from recbole.utils import get_model

    with tempfile.TemporaryDirectory() as folder:
        write_atomic_file(data.read_sequences(options.data), folder)
        config = Config(
            model={"sasrec": "SASRec", "gru4rec": "GRU4Rec"}[options.model],
            dataset="peer",
            config_dict={
                "data_path": folder,
                "load_col": {"inter": ["user_id", "item_id", "timestamp"]},
                "MAX_ITEM_LIST_LENGTH": 50,
                "loss_type": "CE",
                "train_neg_sample_args": None,
                "eval_args": {"split": {"LS": "valid_and_test"}, "order": "TO", "mode": "full", "group_by": "user"},
                "use_gpu": False,
                "show_progress": False,
                "state": "ERROR",
            },
        )
        dataset = create_dataset(config)
        train_data, _, _ = data_preparation(config, dataset)
        model = get_model(config["model"])(config, train_data.dataset)
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
        seconds, losses = [], []
        start = time.perf_counter()
        for index, batch in enumerate(train_data):
            optimizer.zero_grad()
            loss = model.calculate_loss(batch)
            loss.backward()
            optimizer.step()
            if index > 0:
                seconds.append(time.perf_counter() - start)
            losses.append(loss.item())
            if len(seconds) == options.steps:
                break
            start = time.perf_counter()
        print(
            json.dumps(
                {
                    "peer": f"RecBole {recbole.__version__}, batch {config['train_batch_size']}",
                    "model": options.model,
                    "seconds_per_epoch": statistics.median(seconds) * len(train_data),
                    "measured": f"{options.steps} steps",
                    "losses": [losses[-1]],
                    "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                }
            )
        )


if __name__ == "__main__":
    main()
