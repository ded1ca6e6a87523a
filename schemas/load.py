"""Find a schema by name: a built-in one, one that an installed package registers, or `module:Class`."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType

from pydantic import BaseModel

from schemas.crisis import Crisis
from schemas.describe import Schema, SchemaError, describe

DEFAULT = "crisis"
GROUP = "communique.schemas"


def known() -> dict[str, str]:
    """Name and `module:Class` of every schema that can be had by name alone."""
    found = {DEFAULT: f"{Crisis.__module__}:{Crisis.__qualname__}"}
    return found | {point.name: point.value for point in entry_points(group=GROUP)}


def load(name: str) -> Schema:
    """The schema of that name, of `package.module:Class` or of `path/to/file.py:Class`. Raises SchemaError."""
    target = known().get(name, name)
    module_name, colon, class_name = target.rpartition(":")
    if not colon or not module_name or not class_name:
        raise SchemaError(
            f"no schema {name!r}: name one of {', '.join(sorted(known()))}, or give package.module:Class"
        )
    module = _module(module_name)
    model: object = module
    for part in class_name.split("."):
        model = getattr(model, part, None)
    if model is None:
        raise SchemaError(f"{module_name} has no class {class_name}")
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        raise SchemaError(f"{target} is no Pydantic model: give a class derived from BaseModel")
    return describe(model, name)


def _module(name: str) -> ModuleType:
    try:
        if name.endswith(".py"):
            return _from_file(Path(name))
        if "" not in sys.path and str(Path.cwd()) not in sys.path:
            sys.path.insert(0, str(Path.cwd()))  # a user's schema lies beside the documents
        return importlib.import_module(name)
    except SchemaError:
        raise
    except (
        Exception
    ) as fault:  # whatever the user's module raises is the user's to see, in one line
        raise SchemaError(f"{name} cannot be imported: {type(fault).__name__}: {fault}") from fault


def _from_file(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise SchemaError(f"no file {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module  # Pydantic looks up annotations there
    spec.loader.exec_module(module)
    return module
