"""`python -m teamwright_training sft|dpo|kto|grpo|designer|gguf|tiny|check`: one command an objective; the same on a CPU and on a GPU."""

import argparse
import json
import logging
import shutil
import time
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
        command.add_argument("--model", required=True, help="folder, hub name or GGUF file of the base model")
        command.add_argument("--adapter", default=None, help="LoRA adapter to go on from; default: a new one")
        command.add_argument("--output", required=True, help="folder for the LoRA adapter and metrics.json")
        command.add_argument("--steps", type=int, default=-1, help="optimiser steps; by default --epochs decides")
        command.add_argument("--epochs", type=float, default=1)
        command.add_argument("--batch", type=int, default=1)
        command.add_argument("--accumulate", type=int, default=8, help="batches per optimiser step")
        command.add_argument("--rate", type=float, default=None, help="learning rate")
        command.add_argument("--length", type=int, default=4096, help="longest sample in tokens; longer ones are left out, never cut")
        command.add_argument("--rank", type=int, default=16, help="of the LoRA adapter; 0 trains every weight")
        command.add_argument("--seed", type=int, default=1)
        command.add_argument("--save", type=int, default=10, help="steps between two checkpoints")
        command.add_argument("--resume", action="store_true", help="go on from the last checkpoint; what is done stays")
        command.add_argument("--check", action="store_true", help="load the adapter back afterwards, as `check` does")
        if objective == "dpo":
            command.add_argument("--plain", action="store_true", help="standard DPO, without the scores")
        if objective == "grpo":
            command.add_argument("--grader", default=None, help="default: grader.py of the export")
            command.add_argument("--reward", default=None, help="instead: a command that stays and judges a line at a time (`teamwright learn designer reward BANK`)")
            command.add_argument("--samples", type=int, default=4, help="plans per prompt")
            command.add_argument("--reply", type=int, default=512, help="longest plan in tokens")
    designer = commands.add_parser("designer", help="sft, then grpo, then gguf on the questions of `teamwright learn designer data`")
    designer.add_argument("--data", required=True)
    designer.add_argument("--model", required=True, help="GGUF file of the weights that the product uses")
    designer.add_argument("--reward", required=True, help="`teamwright learn designer reward BANK`")
    designer.add_argument("--output", required=True, help="folder for sft/, grpo/ and designer.gguf")
    designer.add_argument("--sft-steps", type=int, default=40)
    designer.add_argument("--grpo-steps", type=int, default=10, help="one question each; 0: none")
    designer.add_argument("--samples", type=int, default=8, help="plans per question")
    designer.add_argument("--reply", type=int, default=320, help="longest plan in tokens")
    designer.add_argument("--rank", type=int, default=8)
    designer.add_argument("--rate", type=float, default=5e-4, help="learning rate of sft; that of grpo is a tenth")
    designer.add_argument("--seed", type=int, default=1)
    designer.add_argument("--save", type=int, default=10)
    designer.add_argument("--resume", action="store_true")
    gguf = commands.add_parser("gguf", help="write a LoRA adapter as the file that the embedded engine loads")
    gguf.add_argument("--adapter", required=True)
    gguf.add_argument("--model", required=True, help="GGUF file of the base model")
    gguf.add_argument("--output", required=True, help="the file, such as designer.gguf")
    tiny = commands.add_parser("tiny", help="make a tiny model for the smoke")
    tiny.add_argument("--data", nargs="+", required=True)
    tiny.add_argument("--output", required=True)
    tiny.add_argument("--gguf", action="store_true", help="as GGUF too: model.gguf in the folder")
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
        "save_strategy": "steps",
        "save_steps": options.save,
        "save_total_limit": 1,
        "report_to": "none",
        "seed": options.seed,
        "bf16": gpu and torch.cuda.is_bf16_supported(),
        "use_cpu": not gpu,
        "gradient_checkpointing": gpu,
        "disable_tqdm": True,
    }


def lora(options: argparse.Namespace) -> Any:
    from peft import LoraConfig

    if options.rank == 0 or options.adapter is not None:
        return None
    return LoraConfig(r=options.rank, lora_alpha=2 * options.rank, target_modules="all-linear", task_type="CAUSAL_LM")


def fitting(rows: Any, options: argparse.Namespace, tokenizer: Any, columns: tuple[str, ...]) -> Any:
    """Rows short enough for `--length`; a cut plan would teach cut plans. Says how many were left out."""

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
    from transformers.trainer_utils import get_last_checkpoint

    from .base import load_model, load_tokenizer
    from .data import answers_only, load_export, resampled

    output = Path(options.output)
    done = output / "metrics.json"
    if options.resume and done.exists():
        print(json.dumps(json.loads(done.read_text())))
        return
    began = time.monotonic()
    set_seed(options.seed)
    rows = resampled(load_export(options.data, options.command)["train"], options.seed)
    tokenizer = load_tokenizer(options.model)

    def trainer_of(kind: Any, config: Any, **more: Any) -> Any:
        model = load_model(options.model, options.adapter, trainable=True)
        return kind(model, args=config, train_dataset=rows, processing_class=tokenizer, peft_config=lora(options), **more)

    if options.command == "sft":
        from trl import SFTConfig, SFTTrainer

        rows = fitting(answers_only(rows), options, tokenizer, ("completion",))
        trainer = trainer_of(SFTTrainer, SFTConfig(max_length=None, **common(options, 2e-4)))
    elif options.command == "dpo":
        from trl import DPOConfig, DPOTrainer

        from .score_dpo import SCORES, CollatorWithScores, ScoreDPOTrainer

        rows = fitting(rows, options, tokenizer, ("chosen", "rejected"))
        config = DPOConfig(max_length=None, beta=0.1, **common(options, 5e-5))
        if options.plain or not set(SCORES) <= set(rows.column_names):
            trainer = trainer_of(DPOTrainer, config)
        else:
            trainer = trainer_of(ScoreDPOTrainer, config, data_collator=CollatorWithScores(pad_token_id=tokenizer.pad_token_id))
    elif options.command == "kto":
        from trl import KTOConfig, KTOTrainer

        rows = fitting(rows, options, tokenizer, ("completion",))
        # Its KL term needs at least two rows a batch.
        settings = common(options, 5e-5) | {"per_device_train_batch_size": max(2, options.batch)}
        trainer = trainer_of(KTOTrainer, KTOConfig(max_length=None, **settings))
    else:
        from trl import GRPOConfig, GRPOTrainer

        from .reward import executed, replayed

        rows = fitting(rows, options, tokenizer, ("",))
        rows = rows.remove_columns([name for name in ("messages", "reward") if name in rows.column_names])
        log = str(output / "rewards.jsonl")
        judge = executed(options.grader or str(Path(options.data) / "grader.py"), log) if options.reward is None else replayed(options.reward, log)
        settings = common(options, 1e-5) | {"per_device_train_batch_size": options.samples}
        # No length and no spread of a group weighs (Dr. GRPO); a reply that was cut teaches nothing; what is likelier may grow further than what is not (DAPO).
        recipe = {"loss_type": "dr_grpo", "scale_rewards": "none", "beta": 0.0, "epsilon_high": 0.28, "mask_truncated_completions": True}
        config = GRPOConfig(num_generations=options.samples, max_completion_length=options.reply, temperature=1.0, **recipe, **settings)
        trainer = trainer_of(GRPOTrainer, config, reward_funcs=judge)
    output.mkdir(parents=True, exist_ok=True)
    checkpoints = output / "checkpoints"
    last = get_last_checkpoint(str(checkpoints)) if options.resume and checkpoints.exists() else None
    trainer.train(resume_from_checkpoint=last)
    trainer.save_model(options.output)
    log_lines = [entry for entry in trainer.state.log_history if "loss" in entry]
    metrics = {
        "objective": options.command,
        "rows": len(rows),
        "losses": [entry["loss"] for entry in log_lines],
        "rewards": [entry["reward"] for entry in log_lines if "reward" in entry],
        "seed": options.seed,
        "seconds": round(time.monotonic() - began, 1),
        "device": str(trainer.args.device),
    }
    if options.check:
        metrics["largest_change"] = largest_change(options.model, options.output)
    done.write_text(json.dumps(metrics, indent=1))
    shutil.rmtree(checkpoints, ignore_errors=True)
    print(json.dumps(metrics), flush=True)


def largest_change(base: str, trained: str) -> float:
    """Loads base and adapter anew; the adapter must change what the model says, or nothing was learned or nothing was loaded."""
    import torch

    from .base import load_model, load_tokenizer

    tokenizer = load_tokenizer(base)
    model = load_model(base, trained)
    tokens = tokenizer.apply_chat_template([{"role": "user", "content": "Fix the failing test."}], add_generation_prompt=True, return_tensors="pt", return_dict=True)
    with torch.no_grad():
        adapted = model(**tokens).logits
        with model.disable_adapter():
            plain = model(**tokens).logits
    return (adapted - plain).abs().max().item()


def train_designer(options: argparse.Namespace) -> None:
    """Validity is what training must bring first: supervised, then by reward, each resumable; then the file for the engine."""
    from .adapter_gguf import write_adapter

    folder = Path(options.output)
    shared = {name: getattr(options, name) for name in ("data", "model", "seed", "save", "resume", "rank", "samples", "reply", "reward")}
    shared |= {"epochs": 1, "batch": 1, "accumulate": 1, "length": 4096, "check": False, "grader": None, "adapter": None}
    adapter = None
    for command, steps, rate in (("sft", options.sft_steps, options.rate), ("grpo", options.grpo_steps, options.rate / 10)):
        if steps == 0:
            continue
        output = str(folder / command)
        train(argparse.Namespace(**shared | {"command": command, "steps": steps, "rate": rate, "output": output, "adapter": adapter}))
        adapter = output
    if adapter is None:
        raise SystemExit("Nothing was trained: give --sft-steps or --grpo-steps.")
    title = f"Teamwright designer: {options.sft_steps} steps of sft, {options.grpo_steps} of grpo, seed {options.seed}"
    print(json.dumps(write_adapter(adapter, options.model, str(folder / "designer.gguf"), title)))


def main() -> None:
    options = arguments()
    if options.command == "tiny":
        from .tiny import make_tiny_model, write_gguf

        folder = make_tiny_model(options.data, options.output)
        print(write_gguf(folder) if options.gguf else folder)
    elif options.command == "check":
        print(json.dumps({"largest_change": largest_change(options.model, options.adapter)}))
    elif options.command == "gguf":
        from .adapter_gguf import write_adapter

        print(json.dumps(write_adapter(options.adapter, options.model, options.output, "Teamwright designer")))
    elif options.command == "designer":
        train_designer(options)
    else:
        train(options)


main()
