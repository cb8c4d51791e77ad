"""The model that is trained on: a folder, a name on the hub, or the GGUF file that the product itself uses (its weights are dequantised)."""

from pathlib import Path
from typing import Any


def source(name: str) -> dict[str, str]:
    """How `from_pretrained` is told of it."""
    path = Path(name)
    if path.suffix == ".gguf":
        return {"pretrained_model_name_or_path": str(path.parent), "gguf_file": path.name}
    return {"pretrained_model_name_or_path": name}


def load_tokenizer(name: str) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(**source(name))


def load_model(name: str, adapter: str | None = None, trainable: bool = False) -> Any:
    """With the LoRA adapter of an earlier training, where one is named."""
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, GgufConfig

    precise = not (torch.cuda.is_available() and torch.cuda.is_bf16_supported())
    told = source(name)
    # Packed weights cannot be trained on.
    packed = {"quantization_config": GgufConfig(dequantize=True)} if "gguf_file" in told else {}
    model = AutoModelForCausalLM.from_pretrained(**told, **packed, dtype=torch.float32 if precise else torch.bfloat16)
    return model if adapter is None else PeftModel.from_pretrained(model, adapter, is_trainable=trainable)
