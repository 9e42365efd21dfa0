"""How large a proof is: small in `make test`, as large as it must be in `make prove`."""

from __future__ import annotations

from typing import Any

import pytest


def sizes(small: Any, full: Any) -> list[Any]:
    """Both, as parameters of a test or fixture."""
    return [
        pytest.param(small, id="small"),
        pytest.param(full, id="full", marks=pytest.mark.prove),
    ]
