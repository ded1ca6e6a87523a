"""LangExtract over some texts, in an environment of its own: python langextract_run.py ORDERS.json > extractions.json

ORDERS: `prompt`, `examples` (text, and extractions of class, text and attributes), `texts` by name, `base_url`,
`api_key`, `model`. Written: by name, the extractions that LangExtract could locate, and the seconds.
"""

import json
import sys
import time
from typing import Any

import langextract as lx
from langextract.factory import ModelConfig

CHUNK = 1000  # characters, its own default
WORKERS = 4
OUTPUT = 1200  # tokens; without an end the small model repeats itself


def examples(orders: dict[str, Any]) -> list[Any]:
    return [
        lx.data.ExampleData(
            text=example["text"],
            extractions=[
                lx.data.Extraction(of["class"], of["text"], attributes=of["attributes"])
                for of in example["extractions"]
            ],
        )
        for example in orders["examples"]
    ]


def extracted(text: str, orders: dict[str, Any]) -> list[dict[str, Any]]:
    settings = {"api_key": orders["api_key"], "base_url": orders["base_url"]}
    config = ModelConfig(
        model_id=orders["model"],
        provider="openai",
        provider_kwargs=settings | {"temperature": 0.0, "max_output_tokens": OUTPUT},
    )
    found = lx.extract(
        text_or_documents=text,
        prompt_description=orders["prompt"],
        examples=examples(orders),
        max_char_buffer=CHUNK,
        max_workers=WORKERS,
        config=config,
        show_progress=False,
        resolver_params={"suppress_parse_errors": True},  # else one bad answer loses the text
    )
    return [
        {"class": of.extraction_class, "text": of.extraction_text, "attributes": of.attributes}
        | {"start": of.char_interval.start_pos, "end": of.char_interval.end_pos}
        for of in found.extractions
        if of.char_interval
    ]


def main() -> None:
    with open(sys.argv[1]) as file:
        orders = json.load(file)
    began = time.monotonic()
    found = {name: extracted(text, orders) for name, text in orders["texts"].items()}
    json.dump({"seconds": time.monotonic() - began, "found": found}, sys.stdout)


if __name__ == "__main__":
    main()
