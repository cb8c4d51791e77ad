"""GRPO's reward: each plan the model writes is executed by `teamwright`, or replayed over recorded outcomes, and the reward is the sample's."""

import json
import shlex
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any


def executed(grader: str, log: str | None = None, at_once: int = 2) -> Callable[..., list[float]]:
    """
    A reward function for `GRPOTrainer`. For each sample it runs the export's `grader.py` with the row and the completion on standard input and
    reads the reward from its output; a grader that fails ends the training, because a reward made up would teach something false.
    """
    folder = Path(grader).resolve()

    def grade(row: dict[str, Any], completion: str) -> float:
        done = subprocess.run(
            [sys.executable, str(folder)], input=json.dumps({"row": row, "completion": completion}), capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise RuntimeError(f"{folder} could not grade a plan (exit {done.returncode}): {done.stderr.strip()[-2000:]}")
        verdict = json.loads(done.stdout.strip().splitlines()[-1])
        if log is not None:
            with open(log, "a", encoding="utf-8") as lines:
                lines.write(json.dumps({"run_id": row.get("run_id"), "completion": completion, **verdict}) + "\n")
        return float(verdict["reward"])

    def reward(prompts: list[Any], completions: list[Any], **columns: Any) -> list[float]:
        texts = [completion if isinstance(completion, str) else completion[-1]["content"] for completion in completions]
        rows = [{name: values[place] for name, values in columns.items() if isinstance(values, list) and len(values) == len(texts)} for place in range(len(texts))]
        for row, prompt in zip(rows, prompts, strict=True):
            row["prompt"] = prompt
        with ThreadPoolExecutor(at_once) as pool:
            return list(pool.map(grade, rows, texts))

    return reward


def replayed(command: str, log: str | None = None) -> Callable[..., list[float]]:
    """
    A reward function for `GRPOTrainer`: asks one process that stays (`teamwright learn designer reward BANK`), a line for each sample. A process that ends or
    answers with no reward ends the training, for the same reason.
    """
    process = subprocess.Popen(shlex.split(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8", bufsize=1)

    def judge(task: str, request: str, answer: str) -> dict[str, Any]:
        assert process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(json.dumps({"task": task, "request": request, "answer": answer}) + "\n")
            process.stdin.flush()
        except BrokenPipeError:
            pass
        line = process.stdout.readline()
        if line == "":
            raise RuntimeError(f"{command} ended with {process.wait()}; its reason stands above.")
        return json.loads(line)

    def reward(completions: list[Any], task: list[str], request: list[str], **_: Any) -> list[float]:
        texts = [completion if isinstance(completion, str) else completion[-1]["content"] for completion in completions]
        verdicts = [judge(*asked) for asked in zip(task, request, texts, strict=True)]
        if log is not None:
            with open(log, "a", encoding="utf-8") as lines:
                for name, text, verdict in zip(task, texts, verdicts, strict=True):
                    lines.write(json.dumps({"task": name, "completion": text, **verdict}) + "\n")
        return [float(verdict["reward"]) for verdict in verdicts]

    return reward
