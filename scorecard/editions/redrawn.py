"""Redrawn: an edition drawn again by the software and templates of today, held against what was
recorded when it was drawn first.

Where these are the same as then, the bytes have to be; where they are not, or where what they were
was not kept, the content has to be: all that the frozen document says, and its figures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal

from scorecard.errors import RenderError
from scorecard.ledger import Edition, Ledger, Rendering
from scorecard.printing.enclosures import FIGURES
from scorecard.printing.kinds import expected_of
from scorecard.printing.pdf_text import file_inside, read
from scorecard.printing.readback import problems_of
from scorecard.printing.render_pool import MANY, RenderedPdf, RenderPool
from scorecard.printing.scope_check import Whole
from scorecard.printing.template_set import TemplateSet
from scorecard.printing.wholes import SOFTWARE, Wholes
from scorecard.project.declared import Declared
from scorecard.project.origin import declared_origin, differing
from scorecard.project.scaffold import room
from scorecard.project.settings import Project

By = Literal["bytes", "content", "nothing"]
_MOST = 3
"""So many texts that are missing are named."""


@dataclass(frozen=True)
class Redrawn:
    """How an edition compares when it is drawn again.

    by     what was compared, and `why` that was in words
    wrong  why it is not what was recorded; empty where it is
    other  what differs today from when it was made, in the order in which things are made
    pdf    the bytes as they are drawn today; they are the recorded ones where `by` is "bytes"
    """

    by: By
    why: str
    wrong: str = ""
    other: tuple[str, ...] = ()
    pdf: bytes = b""


class Redrawing:
    """Draws editions again without recording anything. A context manager; keep one for many."""

    def __init__(self, project: Project, ledger: Ledger, known: Declared, count: int) -> None:
        own, shipped = project.own_templates, room("templates")
        self._ledger, self._wholes = ledger, Wholes(project, known.metrics, ledger)
        self._templates = TemplateSet.of(own, shipped)
        self._origin = declared_origin(project, known.metrics, known.text)
        limits = project.limits.of_drawing
        self._pool = RenderPool(own, shipped, many=count >= MANY, limits=limits)

    def __enter__(self) -> Redrawing:
        return self

    def __exit__(self, *failure: object) -> None:
        self._pool.__exit__(*failure)

    def begin(self, edition: Edition, archived: bytes | None) -> Callable[[], Redrawn]:
        """Begin to draw an edition; calling what this returns waits for it and compares.

        `archived` is the PDF that was drawn first, where it is at hand and what was recorded.
        """
        whole = self._wholes.of(edition)
        finish = self._pool.begin(self._wholes.job(edition))

        def finished() -> Redrawn:
            other = tuple(self._other(edition))
            try:
                made = finish()
            except RenderError as error:
                why = "the templates of today cannot draw it"
                return Redrawn("nothing", why, str(error), other)
            return self._held(whole, made, archived, other)

        return finished

    def _held(
        self, whole: Whole, made: RenderedPdf, archived: bytes | None, other: tuple[str, ...]
    ) -> Redrawn:
        renderings = self._ledger.renderings(whole.edition)
        recorded = {each.sha256 for each in renderings}
        recorded |= self._ledger.hashes_read(whole.edition.id)
        if sha256(made.pdf).hexdigest() in recorded:
            why = "drawn again to the same bytes"
            return Redrawn("bytes", why, "", other, made.pdf)
        if not recorded:
            return Redrawn("nothing", "it was never drawn", "", other, made.pdf)
        changed = [*other, *self._drawn_otherwise(whole.edition, renderings, made.engine)]
        if not changed:
            why = "the software, the templates and the engine are those that drew it"
            return Redrawn("bytes", why, "is drawn to other bytes than were recorded", (), made.pdf)
        wrong, told = _content(whole, made.pdf, archived)
        another = (
            "another template" if any("template" in each for each in changed) else "drawn anew"
        )
        said = f"{'another document' if wrong else 'the same facts'}, {another}"
        why = f"{said} ({'; '.join(changed)}); {told}"
        return Redrawn("content", why, wrong, tuple(changed), made.pdf)

    def _other(self, edition: Edition) -> Iterator[str]:
        """What is declared otherwise today than when the edition was made."""
        detail = self._ledger.run(edition.run_id).detail
        if isinstance(then := detail.get("origin"), Mapping):
            yield from differing(then, self._origin)

    def _drawn_otherwise(
        self, edition: Edition, renderings: Sequence[Rendering], engine: str
    ) -> Iterator[str]:
        """What drew the edition first and draws it no more."""
        if not renderings:
            yield "what drew it was not kept"
            return
        first = renderings[0]
        if first.software != SOFTWARE:
            yield f"software, {first.software} then and {SOFTWARE} now"
        if first.drawn_with is None:
            yield "templates, which were not kept then"
            return
        if first.drawn_with["templates"] != self._templates.digest:
            yield self._named(edition, first.drawn_with["templates"])
        if first.drawn_with["engine"] != engine:
            yield f"engine, {_changed(first.drawn_with['engine'], engine)}"

    def _named(self, edition: Edition, digest: str) -> str:
        """ "template packet.html"; only that there are others where the run kept no list."""
        files: Any = self._ledger.run(edition.run_id).detail.get("templates")
        if isinstance(files, dict) and TemplateSet(files).digest == digest:
            names = self._templates.differing(files)
            return f"template{'s' if len(names) > 1 else ''} {', '.join(names)}"
        return "templates"


def _changed(then: str, now: str) -> str:
    """The libraries that are others: "weasyprint 69.0 then and 70.0 now"."""
    old, new = (dict(part.rsplit(" ", 1) for part in text.split(", ")) for text in (then, now))
    names = [name for name in old.keys() | new.keys() if old.get(name) != new.get(name)]
    said = (f"{n} {old.get(n, 'none')} then and {new.get(n, 'none')} now" for n in sorted(names))
    return ", ".join(said)


def _content(whole: Whole, pdf: bytes, archived: bytes | None) -> tuple[str, str]:
    """(why the content is not what was recorded, or nothing; what it was compared with)."""
    problems = problems_of(read(pdf), expected_of(whole.document))
    figures = whole.enclosed.files(whole.document)[FIGURES]
    if problems:
        return "; ".join(problems[:_MOST]), "not all that was frozen is printed"
    if archived is None:
        return "", "all that was frozen is printed; the first PDF is not at hand"
    if file_inside(archived, FIGURES) != figures:
        return f"its {FIGURES} is not that of the PDF drawn first", "its figures are others"
    if page := _first_other(read(archived).pages, read(pdf).pages):
        return "", f"the text differs from page {page} on, the figures are the same"
    return "", "the text of every page and all figures are the same"


def _first_other(then: Sequence[str], now: Sequence[str]) -> int:
    """The number of the first page whose text is another; 0 where none is."""
    for number, (old, new) in enumerate(zip(then, now, strict=False), start=1):
        if old.split() != new.split():
            return number
    return min(len(then), len(now)) + 1 if len(then) != len(now) else 0


def first_other_byte(then: bytes, now: bytes) -> int:
    """The place, from 0, of the first byte that differs; the shorter one's length where one is the
    beginning of the other."""
    for place, (old, new) in enumerate(zip(then, now, strict=False)):
        if old != new:
            return place
    return min(len(then), len(now))
