"""Train an adapter (LoRA) on token ids, over the very weights that the engine serves.

    python train.py --weights MODEL.gguf --ids IDS.jsonl --epochs 2 --output FOLDER

Needs torch, transformers, peft and gguf. Writes the adapter's matrices as `FOLDER/lora-NN.npz`, a file for every few
layers; `python -m evals.training.adapter` makes a GGUF of them. Imports nothing of this project, so that the one file
can be carried to a machine with an accelerator.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import torch
from peft import LoraConfig, get_peft_model
from transformers import Qwen2Config, Qwen2ForCausalLM

TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
_LAYER = {
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
}
_REST = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}
LAYERS_PER_FILE = 7


def base_model(path: Path, device: str) -> Qwen2ForCausalLM:
    """The model of a GGUF, its quantised weights spread out to bfloat16."""
    reader = gguf.GGUFReader(path)

    def field(name: str) -> Any:
        return reader.fields[f"qwen2.{name}"].contents()

    tensors = {t.name: t for t in reader.tensors}
    vocabulary = int(tensors["token_embd.weight"].shape[1])
    config = Qwen2Config(
        vocab_size=vocabulary,
        hidden_size=field("embedding_length"),
        intermediate_size=field("feed_forward_length"),
        num_hidden_layers=field("block_count"),
        num_attention_heads=field("attention.head_count"),
        num_key_value_heads=field("attention.head_count_kv"),
        max_position_embeddings=4096,
        rms_norm_eps=field("attention.layer_norm_rms_epsilon"),
        rope_parameters={"rope_type": "default", "rope_theta": field("rope.freq_base")},
        tie_word_embeddings="output.weight" not in tensors,
    )

    def spread(tensor: Any) -> tuple[str, torch.Tensor]:
        full = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
        return _name(tensor.name), torch.from_numpy(np.array(full)).to(torch.bfloat16)

    with ThreadPoolExecutor() as pool:
        state = dict(pool.map(spread, tensors.values()))
    model = Qwen2ForCausalLM(config).to(torch.bfloat16)
    missing, unexpected = model.load_state_dict(state, strict=False)
    left = [name for name in missing if name != "lm_head.weight"]
    if left or unexpected:
        raise SystemExit(f"the GGUF does not fit: missing {left[:5]}, unexpected {unexpected[:5]}")
    model.tie_weights()
    return model.to(device)


def _name(name: str) -> str:
    stem, kind = name.rsplit(".", 1)
    if stem.startswith("blk."):
        _, layer, part = stem.split(".")
        return f"model.layers.{layer}.{_LAYER[part]}.{kind}"
    return f"{_REST[stem]}.{kind}"


def batches(
    lines: list[dict[str, Any]], tokens: int, rng: random.Random
) -> Iterator[list[dict[str, Any]]]:
    """Batches of lines of like length, of at most so many tokens with padding, in random order."""
    order = sorted(lines, key=lambda line: len(line["ids"]) + rng.random() * 24)
    packs: list[list[dict[str, Any]]] = [[]]
    for line in order:
        if packs[-1] and (len(packs[-1]) + 1) * len(line["ids"]) > tokens:
            packs.append([])
        packs[-1].append(line)
    rng.shuffle(packs)
    yield from packs


def loss_of(model: Any, pack: list[dict[str, Any]], device: str) -> torch.Tensor:
    """Mean loss over the tokens of the answers; the head is run for those alone."""
    width = max(len(line["ids"]) for line in pack)
    ids = torch.zeros(len(pack), width, dtype=torch.long)
    mask = torch.zeros(len(pack), width, dtype=torch.long)
    wanted = torch.full((len(pack), width), -100)
    for row, line in enumerate(pack):
        size = len(line["ids"])
        ids[row, :size] = torch.tensor(line["ids"])
        mask[row, :size] = 1
        wanted[row, line["answer_at"] : size] = ids[row, line["answer_at"] : size]
    ids, mask, wanted = ids.to(device), mask.to(device), wanted.to(device)
    inner = model.get_base_model()
    hidden = inner.model(input_ids=ids, attention_mask=mask).last_hidden_state[:, :-1]
    target = wanted[:, 1:]
    chosen = target != -100
    logits = inner.lm_head(hidden[chosen]).float()
    return torch.nn.functional.cross_entropy(logits, target[chosen])


def train(asked: argparse.Namespace) -> None:
    """Trains, prints the loss, writes the matrices after every epoch."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(asked.seed)
    rng = random.Random(asked.seed)  # noqa: S311  # order, not secrecy
    lines = [json.loads(line) for line in asked.ids.open()]
    held = [json.loads(line) for line in asked.held.open()] if asked.held else []
    lines = [line for line in lines if len(line["ids"]) <= asked.longest][: asked.limit]
    config = LoraConfig(
        r=asked.rank, lora_alpha=2 * asked.rank, lora_dropout=0.05, target_modules=TARGETS
    )
    model = get_peft_model(base_model(asked.weights, device), config)
    model.print_trainable_parameters()
    weights = [p for p in model.parameters() if p.requires_grad]
    for weight in weights:
        weight.data = weight.data.float()
    optimizer = torch.optim.AdamW(weights, lr=asked.rate, weight_decay=0.01)
    plan = [list(batches(lines, asked.tokens, rng)) for _ in range(asked.epochs)]
    steps = sum(map(len, plan))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: (
            min(1.0, (step + 1) / (0.03 * steps + 1))
            * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * step / steps)))
        ),
    )
    began, done = time.time(), 0
    for epoch, packs in enumerate(plan, 1):
        model.train()
        for pack in packs:
            with torch.autocast(device, dtype=torch.bfloat16):
                loss = loss_of(model, pack, device)
            loss.backward()
            if torch.isfinite(torch.nn.utils.clip_grad_norm_(weights, 1.0)):
                optimizer.step()  # now and then a gradient overflows: one such step would spoil every weight
            schedule.step()
            optimizer.zero_grad(set_to_none=True)
            done += 1
            if done % 20 == 0 or done == steps:
                print(
                    f"{done}/{steps} loss {loss.item():.4f} {time.time() - began:.0f} s", flush=True
                )
        if held:
            print(f"epoch {epoch}: held-out loss {held_out(model, held, device):.4f}", flush=True)
        save(model, asked.output, asked.rank)


@torch.no_grad()
def held_out(model: Any, lines: list[dict[str, Any]], device: str) -> float:
    """Loss per answer token on lines that are not trained on."""
    model.eval()
    total = count = 0.0
    for pack in batches(lines, 8192, random.Random(0)):  # noqa: S311
        answers = sum(len(line["ids"]) - line["answer_at"] for line in pack)
        with torch.autocast(device, dtype=torch.bfloat16):
            total += loss_of(model, pack, device).item() * answers
        count += answers
    return total / max(1.0, count)


def save(model: Any, folder: Path, rank: int) -> None:
    """Half-precision matrices by the names that llama.cpp gives the tensors."""
    folder.mkdir(parents=True, exist_ok=True)
    short = {long: part for part, long in _LAYER.items()}
    groups: dict[int, dict[str, Any]] = {}
    for name, weight in model.named_parameters():
        if ".lora_" not in name:
            continue
        layer, rest = name.split(".layers.")[1].split(".", 1)
        module, which = rest.split(".lora_")
        key = f"blk.{layer}.{short[module]}.weight.lora_{which[0].lower()}"
        half = weight.detach().to(torch.float16).cpu().numpy()
        groups.setdefault(int(layer) // LAYERS_PER_FILE, {})[key] = half
    for number, matrices in groups.items():
        np.savez(folder / f"lora-{number:02}.npz", rank=rank, alpha=2 * rank, **matrices)


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description="Train an adapter")
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--ids", type=Path, required=True)
    parser.add_argument("--held", type=Path, help="ids to report the loss on")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--rank", type=int, default=8)
    parser.add_argument("--rate", type=float, default=2e-4)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument(
        "--tokens", type=int, default=10000, help="of one step, padding included; 80 GB hold these"
    )
    parser.add_argument(
        "--longest", type=int, default=1400, help="tokens; longer lines are left out"
    )
    parser.add_argument("--limit", type=int, help="lines to train on")
    parser.add_argument("--seed", type=int, default=0)
    train(parser.parse_args())


if __name__ == "__main__":
    main()
