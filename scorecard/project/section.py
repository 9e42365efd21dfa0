"""The section [tool.scorecard] of a pyproject.toml, as it is read from the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scorecard.base.bounds import NO_NUMBER, uncountable
from scorecard.base.regular_file import IrregularError, read_text
from scorecard.base.toml_text import TomlError, parsed
from scorecard.errors import ProjectError


def section_of(file: Path) -> dict[str, Any] | None:
    """What a pyproject.toml has under [tool.scorecard]; None where it has none.

    FileNotFoundError where there is none; ProjectError where it cannot be read, or is no TOML.
    """
    try:
        text = read_text(file, "utf-8")
        if "\\u0000" in text or "\\U00000000" in text:
            raise TomlError("it has the character NUL, which no name and no path can have")
        tool = parsed(text).get("tool", {})
    except (TomlError, UnicodeDecodeError) as error:
        raise ProjectError(
            f'{file} is not valid TOML: {error}; mend it there: texts stand in "quotes".'
        ) from error
    except FileNotFoundError:
        raise
    except OSError as error:
        raise ProjectError(f"{file} cannot be read: it {_why(error)}.") from error
    if not isinstance(tool, dict):
        raise ProjectError(f"{file}: tool must be a section; write [tool.scorecard].")
    section = tool.get("scorecard")
    if key := uncountable(section):
        raise ProjectError(f"{file}: {key} {NO_NUMBER}; write a smaller one.")
    if section is not None and not isinstance(section, dict):
        raise ProjectError(f"{file}: tool.scorecard must be a section, [tool.scorecard].")
    return section


def _why(error: OSError) -> str:
    return str(error.strerror if isinstance(error, IrregularError) else f"fails ({error.strerror})")
