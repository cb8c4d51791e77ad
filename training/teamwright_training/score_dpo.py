"""Score-DPO (ScoreFlow, arXiv 2502.04306): the preferred plan counts by its score, the other by what its score lacks."""

from typing import Any

import torch
import torch.nn.functional as F
from trl import DPOTrainer
from trl.trainer.dpo_trainer import DataCollatorForPreference

SCORES = ("score_chosen", "score_rejected")


class CollatorWithScores(DataCollatorForPreference):
    """The standard collator, with the two scores of each pair carried along."""

    def torch_call(self, examples: list[dict[str, Any]]) -> dict[str, Any]:
        batch = super().torch_call(examples)
        return batch | {name: torch.tensor([float(example[name]) for example in examples]) for name in SCORES}


class ScoreDPOTrainer(DPOTrainer):
    """
    DPO whose loss is -log sigmoid(beta * (s_w * log-ratio of the chosen - (1 - s_l) * log-ratio of the rejected)). Scores are clamped to 0..1.
    The reference is the model without its adapter, so it trains LoRA adapters only.
    """

    def _set_signature_columns_if_needed(self) -> None:
        super()._set_signature_columns_if_needed()
        for name in SCORES:
            if name not in self._signature_columns:
                self._signature_columns.append(name)

    def _compute_loss(self, model: Any, inputs: dict[str, Any], return_outputs: bool) -> Any:
        wins, loses = (inputs.pop(name).clamp(0, 1) for name in SCORES)
        mask = inputs.pop("completion_mask")
        labels = inputs["input_ids"].masked_fill(mask == 0, -100)

        def log_probabilities() -> torch.Tensor:
            logits = model(**inputs, use_cache=False).logits[:, :-1]
            chosen = labels[:, 1:]
            each = torch.gather(logits.log_softmax(-1), 2, chosen.clamp(min=0).unsqueeze(2)).squeeze(2)
            return (each * (chosen != -100)).sum(1)

        now_chosen, now_rejected = log_probabilities().chunk(2)
        with torch.no_grad(), self.accelerator.unwrap_model(model).disable_adapter():
            then_chosen, then_rejected = log_probabilities().chunk(2)
        margin = wins * (now_chosen - then_chosen) - (1 - loses) * (now_rejected - then_rejected)
        loss = -F.logsigmoid(self.beta * margin).mean()
        return (loss, {}) if return_outputs else loss
