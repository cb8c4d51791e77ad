"""`python -m teamwright_training sft|dpo|kto|grpo|tiny|check`: one command an objective; the same for the smoke on a CPU and for a GPU."""

import argparse
import json
import logging
import warnings
from pathlib import Path
from typing import Any

warnings.filterwarnings("ignore")
logging.getLogger("transformers").setLevel(logging.ERROR)

OBJECTIVES = ("sft", "dpo", "kto", "grpo")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m teamwright_training", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for objective in OBJECTIVES:
        command = commands.add_parser(objective)
        command.add_argument("--data", required=True, help="folder that `teamwright export` wrote")
        command.add_argument("--model", required=True, help="folder or hub name of the base model")
        command.add_argument("--output", required=True, help="folder for the LoRA adapter and metrics.json")
        command.add_argument("--steps", type=int, default=-1, help="optimiser steps; by default --epochs decides")
        command.add_argument("--epochs", type=float, default=1)
        command.add_argument("--batch", type=int, default=1)
        command.add_argument("--accumulate", type=int, default=8, help="batches per optimiser step")
        command.add_argument("--rate", type=float, default=None, help="learning rate")
        command.add_argument("--length", type=int, default=4096, help="longest sample in tokens; longer ones are left out, never cut")
        command.add_argument("--rank", type=int, default=16, help="of the LoRA adapter; 0 trains every weight")
        command.add_argument("--seed", type=int, default=1)
        command.add_argument("--check", action="store_true", help="load the adapter back afterwards, as `check` does")
        if objective == "dpo":
            command.add_argument("--plain", action="store_true", help="standard DPO, without the scores")
        if objective == "grpo":
            command.add_argument("--grader", default=None, help="default: grader.py of the export")
            command.add_argument("--samples", type=int, default=4, help="plans per prompt")
            command.add_argument("--reply", type=int, default=512, help="longest plan in tokens")
    tiny = commands.add_parser("tiny", help="make a tiny model for the smoke")
    tiny.add_argument("--data", nargs="+", required=True)
    tiny.add_argument("--output", required=True)
    check = commands.add_parser("check", help="load an adapter back and say what it does to a prompt")
    check.add_argument("--model", required=True)
    check.add_argument("--adapter", required=True)
    return parser.parse_args()


def common(options: argparse.Namespace, rate: float) -> dict[str, Any]:
    import torch

    gpu = torch.cuda.is_available()
    return {
        "output_dir": str(Path(options.output) / "checkpoints"),
        "max_steps": options.steps,
        "num_train_epochs": options.epochs,
        "per_device_train_batch_size": options.batch,
        "gradient_accumulation_steps": options.accumulate,
        "learning_rate": options.rate if options.rate is not None else rate,
        "lr_scheduler_type": "constant" if options.steps > 0 else "cosine",
        "logging_steps": 1,
        "save_strategy": "no",
        "report_to": "none",
        "seed": options.seed,
        "bf16": gpu and torch.cuda.is_bf16_supported(),
        "use_cpu": not gpu,
        "gradient_checkpointing": gpu,
        "disable_tqdm": True,
    }


def adapter(options: argparse.Namespace) -> Any:
    from peft import LoraConfig

    if options.rank == 0:
        return None
    return LoraConfig(r=options.rank, lora_alpha=2 * options.rank, target_modules="all-linear", task_type="CAUSAL_LM")


def fitting(rows: Any, options: argparse.Namespace, columns: tuple[str, ...]) -> Any:
    """Rows short enough for `--length`; a cut plan would teach cut plans. Says how many were left out."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(options.model)

    def tokens(row: dict[str, Any]) -> int:
        return max(len(tokenizer.apply_chat_template(row["prompt"] + (row[name] if name else []), tokenize=True, return_dict=False)) for name in columns)

    short = rows.filter(lambda row: tokens(row) <= options.length)
    if len(short) < len(rows):
        print(f"{len(rows) - len(short)} of {len(rows)} samples are longer than {options.length} tokens and left out.")
    if len(short) == 0:
        raise SystemExit(f"No sample fits into {options.length} tokens: raise --length.")
    return short


def train(options: argparse.Namespace) -> None:
    from transformers import set_seed

    from .data import answers_only, load_export, resampled

    set_seed(options.seed)
    rows = resampled(load_export(options.data, options.command)["train"], options.seed)
    if options.command == "sft":
        from trl import SFTConfig, SFTTrainer

        rows = fitting(answers_only(rows), options, ("completion",))
        trainer = SFTTrainer(
            options.model, args=SFTConfig(max_length=None, **common(options, 2e-4)), train_dataset=rows, peft_config=adapter(options)
        )
    elif options.command == "dpo":
        from trl import DPOConfig, DPOTrainer

        from .score_dpo import SCORES, CollatorWithScores, ScoreDPOTrainer

        rows = fitting(rows, options, ("chosen", "rejected"))
        config = DPOConfig(max_length=None, beta=0.1, **common(options, 5e-5))
        if options.plain or not set(SCORES) <= set(rows.column_names):
            trainer = DPOTrainer(options.model, args=config, train_dataset=rows, peft_config=adapter(options))
        else:
            from transformers import AutoTokenizer

            collator = CollatorWithScores(pad_token_id=AutoTokenizer.from_pretrained(options.model).pad_token_id)
            trainer = ScoreDPOTrainer(options.model, args=config, train_dataset=rows, data_collator=collator, peft_config=adapter(options))
    elif options.command == "kto":
        from trl import KTOConfig, KTOTrainer

        rows = fitting(rows, options, ("completion",))
        # Its KL term needs at least two rows a batch.
        settings = common(options, 5e-5) | {"per_device_train_batch_size": max(2, options.batch)}
        trainer = KTOTrainer(options.model, args=KTOConfig(max_length=None, **settings), train_dataset=rows, peft_config=adapter(options))
    else:
        from trl import GRPOConfig, GRPOTrainer

        from .reward import executed

        rows = fitting(rows, options, ("",))
        settings = common(options, 1e-5) | {"per_device_train_batch_size": options.samples}
        trainer = GRPOTrainer(
            options.model,
            reward_funcs=executed(options.grader or str(Path(options.data) / "grader.py"), log=str(Path(options.output) / "rewards.jsonl")),
            args=GRPOConfig(num_generations=options.samples, max_completion_length=options.reply, temperature=1.0, **settings),
            train_dataset=rows,
            peft_config=adapter(options),
        )
    Path(options.output).mkdir(parents=True, exist_ok=True)
    trainer.train()
    trainer.save_model(options.output)
    log = [entry for entry in trainer.state.log_history if "loss" in entry]
    metrics = {
        "objective": options.command,
        "rows": len(rows),
        "losses": [entry["loss"] for entry in log],
        "rewards": [entry["reward"] for entry in log if "reward" in entry],
    }
    if options.check:
        metrics["largest_change"] = largest_change(options.model, options.output)
    (Path(options.output) / "metrics.json").write_text(json.dumps(metrics, indent=1))
    print(json.dumps(metrics))


def largest_change(base: str, trained: str) -> float:
    """Loads base and adapter anew; the adapter must change what the model says, or nothing was learned or nothing was loaded."""
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(base)
    model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), trained)
    tokens = tokenizer.apply_chat_template([{"role": "user", "content": "Fix the failing test."}], add_generation_prompt=True, return_tensors="pt", return_dict=True)
    with torch.no_grad():
        adapted = model(**tokens).logits
        with model.disable_adapter():
            plain = model(**tokens).logits
    return (adapted - plain).abs().max().item()


def main() -> None:
    options = arguments()
    if options.command == "tiny":
        from .tiny import make_tiny_model

        print(make_tiny_model(options.data, options.output))
    elif options.command == "check":
        print(json.dumps({"largest_change": largest_change(options.model, options.adapter)}))
    else:
        train(options)


main()
