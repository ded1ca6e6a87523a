"""Make the GGUF adapter that the engine loads out of the matrices that train.py wrote. Needs the package gguf.

python -m evals.training.adapter FOLDER -o crisis.gguf
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

import gguf
import numpy as np


def write(folder: Path, output: Path, architecture: str = "qwen2") -> None:
    """The wide matrices in 8 bits, which halves the file, the narrow ones in half precision."""
    files = [np.load(path) for path in sorted(folder.glob("lora-*.npz"))]
    writer = gguf.GGUFWriter(output, architecture)
    writer.add_string("general.type", "adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", float(files[0]["alpha"]))
    for file in files:
        for name in file.files:
            if name in ("rank", "alpha"):
                continue
            matrix = file[name]
            if name.endswith("lora_a") and matrix.shape[1] % 32 == 0:
                eight = gguf.GGMLQuantizationType.Q8_0
                packed = gguf.quants.quantize(matrix.astype(np.float32), eight)
                writer.add_tensor(name, packed, raw_dtype=eight)
            else:
                writer.add_tensor(name, matrix.astype(np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main() -> None:
    """Write the adapter and print its hash, to be pinned."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    asked = parser.parse_args()
    write(asked.folder, asked.output)
    digest = hashlib.sha256(asked.output.read_bytes()).hexdigest()
    print(f"{asked.output}: {asked.output.stat().st_size} bytes, sha256 {digest}")


if __name__ == "__main__":
    main()
