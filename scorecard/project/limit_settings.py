"""Limits: what [tool.scorecard.limits] says of how long work may take, and with how much memory."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from scorecard.base.limits import GB, Limits
from scorecard.base.theirs import PATIENCE
from scorecard.project.mail_settings import Duration

_SIZE = re.compile(r"([1-9]\d{0,5})\s*(MB|GB)")


def _bytes(value: object) -> object:
    if not isinstance(value, str):
        return value
    if (found := _SIZE.fullmatch(value.strip())) is None:
        raise ValueError('not an amount of memory; write one such as "2GB" or "500MB"')
    return int(found[1]) * (GB if found[2] == "GB" else GB // 1000)


class LimitSettings(BaseModel):
    """How long work may take that nobody watches, and with how much memory.

    run      a run that `scorecard serve` makes, from its beginning to its documents
    drawing  one document, to be drawn or to be read back
    memory   of the process that draws, for one document
    loading  of the files of metrics; which one takes longer is said, and it is waited for
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, str_strip_whitespace=True)

    run: Duration = timedelta(hours=2)
    drawing: Duration = timedelta(minutes=5)
    memory: Annotated[int, BeforeValidator(_bytes), Field(ge=GB // 4)] = 2 * GB
    loading: Duration = PATIENCE

    @property
    def of_drawing(self) -> Limits:
        return Limits(
            self.drawing.total_seconds(),
            self.memory,
            ", or raise drawing or memory in [tool.scorecard.limits]",
        )
