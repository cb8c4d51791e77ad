"""Writes a LoRA adapter as the GGUF file that the embedded engine loads beside the weights it was trained on."""

import hashlib
import json
from pathlib import Path
from typing import Any

PREFIX = "base_model.model."
PARTS = {".lora_A.weight": ".lora_a", ".lora_B.weight": ".lora_b"}


def sha256_of(file: str) -> str:
    with open(file, "rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def write_adapter(adapter: str, base: str, output: str, title: str) -> dict[str, Any]:
    """
    llama.cpp scales by alpha over rank, as PEFT does, so the matrices go in as they are; in Qwen2 no rows are exchanged. The file says by which weights (their
    SHA-256) it was trained: beside others it would be noise. Exits with a sentence where adapter and base do not fit.
    """
    import gguf
    from safetensors.numpy import load_file

    config = json.loads((Path(adapter) / "adapter_config.json").read_text())
    unusual = [name for name in ("use_rslora", "use_dora", "lora_bias", "rank_pattern", "alpha_pattern", "modules_to_save") if config.get(name)]
    if unusual:
        raise SystemExit(f"{adapter} uses {', '.join(unusual)}, which a GGUF adapter cannot say.")
    reader = gguf.GGUFReader(base)
    architecture = reader.get_field("general.architecture").contents()
    if architecture != "qwen2":
        raise SystemExit(f"{base} is of the architecture {architecture}; only adapters of qwen2 are written.")
    shapes = {tensor.name: tuple(int(size) for size in tensor.shape) for tensor in reader.tensors}
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.QWEN2, reader.get_field(f"{architecture}.block_count").contents())

    writer = gguf.GGUFWriter(output, architecture)
    writer.add_type(gguf.GGUFType.ADAPTER)
    writer.add_string(gguf.Keys.Adapter.TYPE, "lora")
    writer.add_float32(gguf.Keys.Adapter.LORA_ALPHA, float(config["lora_alpha"]))
    writer.add_name(title)
    digest = sha256_of(base)
    writer.add_string("teamwright.base.sha256", digest)
    for name, values in sorted(load_file(Path(adapter) / "adapter_model.safetensors").items()):
        ending = next((part for part in PARTS if name.endswith(part)), None)
        own = None if ending is None else names.get_name(name.removeprefix(PREFIX).removesuffix(ending))
        if ending is None or own is None or f"{own}.weight" not in shapes:
            raise SystemExit(f"{base} has no place for {name}: the adapter is of another model.")
        inputs, outputs = shapes[f"{own}.weight"]
        if (values.shape[1] if ending == ".lora_A.weight" else values.shape[0]) != (inputs if ending == ".lora_A.weight" else outputs):
            raise SystemExit(f"{name} is of another size than in {base}: the adapter is of another model.")
        writer.add_tensor(f"{own}.weight{PARTS[ending]}", values.astype("float32"))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return {"file": output, "bytes": Path(output).stat().st_size, "rank": config["r"], "base": digest}
