"""Turn training pairs into token ids with the engine's own chat template and tokenizer, so that both see the same.

    python -m evals.training.tokens --model qwen2.5-coder-1.5b PAIRS.jsonl -o IDS.jsonl

A line is `{"ids": [...], "answer_at": N}`: the prompt is `ids[:N]`, the answer with its end-of-turn mark the rest.
"""

from __future__ import annotations

import argparse
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2

from extract import weights
from extract.engine import EngineSettings, start

END_OF_TURN = "<|im_end|>"


def encode(client: httpx2.Client, pair: dict[str, Any]) -> dict[str, Any]:
    """The ids of one pair."""
    prompt = client.post("/apply-template", json={"messages": pair["messages"]}).json()["prompt"]
    before, after = (
        _ids(client, text, special) for text, special in ((prompt, True), (pair["answer"], False))
    )
    return {
        "ids": before + after + _ids(client, END_OF_TURN, True),
        "answer_at": len(before),
        "source": pair["source"],
    }


def _ids(client: httpx2.Client, text: str, special: bool) -> list[int]:
    asked = {"content": text, "add_special": False, "parse_special": special}
    return list(client.post("/tokenize", json=asked).raise_for_status().json()["tokens"])


def main() -> None:
    """Write the file of ids."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("--model", default="qwen2.5-coder-1.5b")
    parser.add_argument("-o", "--output", type=Path, required=True)
    asked = parser.parse_args()
    settings = EngineSettings(slots=1, context_per_slot=512)
    with start(weights.find(asked.model).path, settings) as engine:
        client = httpx2.Client(
            base_url=engine.base_url.removesuffix("/v1"),
            headers={"Authorization": f"Bearer {engine.api_key}"},
            timeout=60,
        )
        lines = (json.loads(line) for line in asked.pairs.open(encoding="utf-8"))
        with client, ThreadPoolExecutor(2) as pool, asked.output.open("w") as file:
            for encoded in pool.map(lambda pair: encode(client, pair), lines):
                file.write(json.dumps(encoded, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
