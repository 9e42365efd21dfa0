"""Drawing: pages from their templates, and the stylesheet and fonts beside them.

The templates are the package's own, not the project's: forms that are signed and headers that
forbid scripts are no matter of layout. All that is filled in is text, and escaped.
"""

from __future__ import annotations

from gzip import compress
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response
from starlette.types import Scope

from scorecard.base.regular_file import read_bytes
from scorecard.desk.page_model import ArchiveView, PageView
from scorecard.documents.formats import Formats
from scorecard.errors import ProjectError
from scorecard.printing.drawings import sign
from scorecard.project.scaffold import room
from scorecard.project.settings import Project

TEMPLATES = Path(__file__).parent / "templates"
FONTS = (
    "NotoSansJP-Regular.ttf",
    "SourceSans3-Regular.ttf",
    "SourceSans3-Semibold.ttf",
    "SourceSerif4-Regular.ttf",
)
FOR_EVER = "public, max-age=31536000, immutable"
"""Their address has a hash of all of them."""


class Drawing:
    """Draws the desk's pages for one project."""

    def __init__(self, project: Project, prefix: str) -> None:
        self._settings, self._formats = project.settings, project.formats
        self._prefix = prefix
        self._templates = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals["sign"] = sign
        files = {"desk.css": "text/css", "icon.svg": "image/svg+xml"}
        whole = {name: read_bytes(TEMPLATES / name) for name in files}
        whole |= {name: _font(project, name) for name in FONTS}
        self._assets = {name: (each, files.get(name, "font/ttf")) for name, each in whole.items()}
        # Half of a font's bytes; done once, since no page waits for it.
        self._packed = {name: compress(each, 6, mtime=0) for name, each in whole.items()}
        self.version = sha256(b"".join(whole.values())).hexdigest()[:12]

    def page(self, view: PageView, status: int = 200) -> Response:
        """An owner's page."""
        return self._drawn("page.html", view.language, status, page=view)

    def archive(self, view: ArchiveView) -> Response:
        """An executive's archive."""
        return self._drawn("archive.html", view.language, 200, page=view)

    def sentence(self, status: int, said: str, kept: tuple[str, ...] = ()) -> Response:
        """A page with one sentence; `kept` is what was typed, so that it is not lost."""
        language = Formats(self._settings.locale, self._settings.currency).language
        return self._drawn("sentence.html", language, status, said=said, kept=kept)

    def say(self, _scope: Scope, status: int, said: str) -> Response:
        """As `sentence`, for the guards."""
        return self.sentence(status, said)

    def asset(self, name: str, packed: bool) -> Response | None:
        """The stylesheet or a font, by gzip where the browser reads that; None where there is
        none of that name."""
        if name not in self._assets:
            return None
        content, kind = self._assets[name]
        headers = {"cache-control": FOR_EVER, "vary": "accept-encoding"}
        if packed:
            content, headers["content-encoding"] = self._packed[name], "gzip"
        return Response(content, media_type=kind, headers=headers)

    def _drawn(self, name: str, language: str, status: int, **values: object) -> Response:
        html = self._templates.get_template(name).render(
            language=language,
            company=self._settings.company,
            assets=f"{self._prefix}/static/{self.version}",
            **values,
        )
        return HTMLResponse(html, status)


def _font(project: Project, name: str) -> bytes:
    """A font of the project's templates, else the shipped one."""
    own, shipped = project.own_templates, room("templates")
    for folder in (*([own] if own else ()), shipped):
        file = folder / "fonts" / name
        if file.is_file():
            return read_bytes(file)
    raise ProjectError(f"{shipped / 'fonts' / name} is not there; install the package again.")
