"""Reads an export with the standard loader, and says clearly when it is not one."""

from pathlib import Path

import numpy
from datasets import Dataset, DatasetDict, load_dataset

#: Columns each objective needs; an export may have more (scores, weights, ids), which stay in the data set.
NEEDED = {
    "sft": {"messages"},
    "dpo": {"prompt", "chosen", "rejected"},
    "kto": {"prompt", "completion", "label"},
    "grpo": {"prompt"},
}


class NotAnExport(SystemExit):
    """The folder is not what the objective can train on; the message says what is missing."""


def load_export(folder: str, objective: str) -> DatasetDict:
    """The splits of an export folder (`train.jsonl`, `validation.jsonl`). Exits with a sentence when a file or column is missing."""
    files = {name: str(path) for name in ("train", "validation") if (path := Path(folder) / f"{name}.jsonl").exists() and path.stat().st_size > 0}
    if "train" not in files:
        raise NotAnExport(f"{folder} has no samples: train.jsonl is missing or empty. Make it with `teamwright export`.")
    # One by one: what is held back may have other columns.
    splits = DatasetDict({name: load_dataset("json", data_files=file, split="train") for name, file in files.items()})
    missing = NEEDED[objective] - set(splits["train"].column_names)
    if missing:
        raise NotAnExport(f"{folder} cannot train {objective}: it has no column {', '.join(sorted(missing))}.")
    return splits


def answers_only(conversations: Dataset) -> Dataset:
    """`messages` as prompt and completion, so that the loss is on the last reply alone, whatever the chat template of the model can mark."""
    return conversations.map(
        lambda row: {"prompt": row["messages"][:-1], "completion": row["messages"][-1:]}, remove_columns=conversations.column_names
    )


def resampled(rows: Dataset, seed: int) -> Dataset:
    """
    Rows drawn with probability proportional to `weight`, as many as there were. For pairs the weight is (s_w - s_l)^3 (ScoreFlow, arXiv
    2502.04306: an enhanced sampling distribution), for roles 1 or 1/2 (Multiagent Finetuning, arXiv 2501.05707).
    """
    if "weight" not in rows.column_names:
        return rows
    weights = numpy.asarray(rows["weight"], dtype=float)
    if weights.sum() <= 0 or (weights == weights[0]).all():
        return rows
    drawn = numpy.random.default_rng(seed).choice(len(rows), size=len(rows), p=weights / weights.sum())
    return rows.select(sorted(int(place) for place in drawn))
