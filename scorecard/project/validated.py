"""Sections of the settings, validated, and what is wrong with them in sentences."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from scorecard.errors import ProjectError, did_you_mean
from scorecard.project.secret_settings import VARIABLE

SECRET = ("password", "bounces", "forms", "ping")
"""Mail settings that may hold a secret. Values of names that begin so, or as `ledger`, are never
repeated."""
_Model = TypeVar("_Model", bound=BaseModel)


def validated(
    model: type[_Model], section: object, file: Path, head: str, known: list[str]
) -> _Model:
    """A section as the model has it; ProjectError says of everything in it that it cannot be, where
    and why. `known` are the names that may be meant."""
    try:
        return model.model_validate(section)
    except ValidationError as error:
        said = [f"{file}: {_explain(detail, head, known)}" for detail in error.errors()]
        raise ProjectError("\n".join(said)) from error


def _explain(detail: ErrorDetails, head: str, known: list[str]) -> str:
    """One sentence for one thing that pydantic found; secrets are not repeated."""
    name = ".".join(str(part) for part in detail["loc"])
    if detail["type"] == "extra_forbidden":
        return f'[{head}] has "{name}", which is not a setting.{did_you_mean(name, known)}'
    if detail["type"] == "missing":
        return f'[{head}] needs "{name}".'
    if not name:
        return f"[{head}] must be a section."
    said = detail["msg"].removeprefix("Value error, ").removesuffix(".")
    said = said.replace("Input should be", "it should be")
    value = "***" if name.startswith((*SECRET, "ledger")) else repr(detail["input"])
    return f"[{head}] {name} = {value}: {said}."


def filled_in(url: str, setting: str, file: Path, env: Mapping[str, str]) -> str:
    """A setting with its ${VARIABLES} filled in; ProjectError for one that there is not."""

    def value(match: re.Match[str]) -> str:
        if match[1] not in env:
            raise ProjectError(
                f"{file}: {setting} refers to ${{{match[1]}}}, which the environment does not "
                "have; set that variable."
            )
        return env[match[1]]

    return VARIABLE.sub(value, url)
