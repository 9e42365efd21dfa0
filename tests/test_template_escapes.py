"""Whoever writes a template reads nothing of the server by it, and sends nothing out of the house."""

from __future__ import annotations

import dataclasses
import os
import types
from base64 import b64encode
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import quote

import pypdf
import pytest
from pypdf.generic import StreamObject
from sample_documents import IMPRINT, OWNER, PACKET
from sample_team import TEAM
from sizes import sizes

from scorecard.base.template_files import environment
from scorecard.errors import RenderError
from scorecard.mail.template_check import specimens
from scorecard.mail.templates import MailTemplates
from scorecard.printing.page_layout import owner_grid, packet_grid
from scorecard.printing.renderer import Renderer
from scorecard.printing.team_layout import team_grid

SHIPPED = Path(__file__).parents[1] / "templates"
SECRET = "correct-horse-battery-staple"
LETTER = next(content for content, _files in specimens() if content.kind == "test")

ESCAPES = [
    "{{ doc.__class__ }}",
    "{{ doc['__class__'] }}",
    "{{ doc|attr('__class__') }}",
    "{{ doc|attr('__cl' ~ 'ass__') }}",
    "{{ doc|attr('\\x5f\\x5fclass\\x5f\\x5f') }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ ().__class__.__base__.__subclasses__()[0] }}",
    "{{ [].__class__.__bases__[0] }}",
    "{{ dict.mro() }}",
    "{{ dict.__subclasses__() }}",
    "{{ bullet.__globals__ }}",
    "{{ bullet.__code__.co_consts }}",
    "{{ bullet.__closure__ }}",
    "{{ bullet.__init__.__globals__ }}",
    "{{ bullet|attr('__globals__') }}",
    "{{ blocks.__globals__['__builtins__'] }}",
    "{{ blocks.__wrapped__.__globals__ }}",
    "{{ lipsum.__globals__['os'].popen('id').read() }}",
    "{{ cycler.__init__.__globals__.os }}",
    "{{ joiner.__init__.__globals__ }}",
    "{{ namespace.__init__.__globals__ }}",
    "{{ range.__init__.__objclass__ }}",
    "{{ self.__init__.__globals__ }}",
    "{{ self._TemplateReference__context }}",
    "{{ doc.heading.__dataclass_fields__ }}",
    "{{ doc.heading.__dict__ }}",
    "{{ doc.heading.__init__.__globals__ }}",
    "{{ doc.heading.__eq__.__globals__ }}",
    "{{ [doc]|map(attribute='__class__')|join }}",
    "{{ ([doc]|groupby('__class__'))[0].grouper.mro }}",
    "{{ [doc]|sum(attribute='__class__') }}",
    "{{ ([doc, doc]|sort(attribute='__class__')) }}",
    "{{ [doc]|selectattr('__class__')|list }}",
    "{{ [doc]|map('attr', '__class__')|join }}",
    "{{ '{0.__class__.__init__.__globals__}'.format(doc) }}",
    "{{ '{0.__class__}'.format_map({'0': doc}) }}",
    "{{ ('{0.__class__}'|attr('format'))(doc) }}",
    "{{ ['{0.__class__}']|map('attr', 'format')|first }}{{ (['{0.__class__}']|map('attr', 'format')|first)(doc) }}",
    "{% set f = '{0.__class__}'.format %}{{ f(doc) }}",
    "{{ '%s'|format(doc.__class__) }}",
    "{{ (''|escape).format.__globals__ }}",
    "{{ ('{0.__class__}'|escape).format(doc) }}",
    "{{ (1).__class__.from_bytes }}",
    "{% for x in (1,) %}{{ loop.__class__ }}{% endfor %}",
    "{% for x in (1,) %}{{ loop.__init__.__globals__ }}{% endfor %}",
    "{% macro m() %}{% endmacro %}{{ m.__globals__ }}",
    "{% macro m() %}{% endmacro %}{{ m._func.__globals__ }}",
    "{% macro m() %}{{ caller.__class__ }}{% endmacro %}{% call m() %}{% endcall %}",
    "{% import '_parts/marks.html' as m %}{{ m.__dict__ }}",
    "{% import '_parts/marks.html' as m %}{{ m._body_stream.__class__ }}",
    "{% set x = [] %}{{ x.append(1) }}",
    "{% set x = {} %}{{ x.update(a=1) }}",
    "{{ (doc for x in ()).gi_frame }}",
    "{{ missing.__init__.__globals__ }}",
    "{{ config }}{{ request }}",
    "{{ get_flashed_messages.__globals__ }}",
    "{{ __import__('os') }}",
    "{{ open('/etc/passwd') }}",
    "{% include '/etc/passwd' %}",
    "{% include '../secret.html' %}",
    "{% include '_parts/../../secret.html' %}",
    "{% include 'default:../secret.html' %}",
    "{% include 'default:default:owner.html' %}",
    "{% include 'linked.html' %}",
    "{% include 'folder/secret.html' %}",
    "{% include 'pipe.html' %}",
    "{% extends 'linked.html' %}",
    "{% import 'linked.html' as x %}{{ x }}",
    "{{ range(10 ** 9) }}",
    "{{ range(0, 10 ** 12, 2)|list }}",
    "{{ doc.heading.update() }}",
    "{{ bullet.func_globals }}",
]
"""What is known to lead out of a sandbox, or out of the folder; `doc` is the document or letter."""


@pytest.fixture
def own(tmp_path):
    """A project's templates, beside a secret, with links that lead to it."""
    folder = tmp_path / "templates"
    (folder / "mail").mkdir(parents=True)
    for name in ("secret.html", "secret.css", "secret.txt", "secret.svg"):
        (tmp_path / name).write_text(SECRET)
    (folder / "linked.html").symlink_to(tmp_path / "secret.html")
    (folder / "linked.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "folder").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe.html")
    return folder


@pytest.mark.parametrize("escape", ESCAPES)
def test_no_page_leads_out_of_the_sandbox(own, escape):
    (own / "owner.html").write_text(escape)
    with pytest.raises(RenderError) as refused:
        Renderer(own, SHIPPED).render(OWNER, IMPRINT, {})
    said = str(refused.value)
    assert "owner.html cannot be filled: " in said or "leads out of " in said
    assert SECRET not in said and "root:" not in said


def test_no_mail_leads_out_of_the_sandbox(own):
    templates, file = MailTemplates(own, SHIPPED), own / "mail" / "test.subject.j2"
    for escape in ESCAPES:
        file.write_text("{% set doc = letter %}" + escape)
        with pytest.raises(RenderError) as refused:
            templates.subject(LETTER)
        said = str(refused.value)
        assert "test.subject.j2" in said or "secret.html" in said or "linked.html" in said
        assert SECRET not in said and "root:" not in said


PLAIN = (str, int, float, bool, bytes, type(None), Decimal, date, datetime, timedelta, tzinfo)


def reached(start: Any, language: Any) -> set[type]:
    """The types of all that a template can get at from there, but for values and their methods."""
    seen: dict[int, Any] = {}
    found, left = set(), [start]
    while left:
        thing = left.pop()
        if isinstance(thing, PLAIN) or id(thing) in seen:
            continue
        seen[id(thing)] = thing
        found.add(type(thing))
        if isinstance(thing, dict):
            left += [*thing.keys(), *thing.values()]
        elif isinstance(thing, (list, tuple, set, frozenset)):
            left += thing
        for name in dir(thing):
            value = getattr(thing, name, None)
            bound = isinstance(value, (types.BuiltinMethodType, types.MethodWrapperType))
            if language.is_safe_attribute(thing, name, value) and not bound:
                left.append(value)
    return found


@pytest.mark.parametrize(
    "given",
    [
        (OWNER, IMPRINT, owner_grid(OWNER, 0)),
        (TEAM, IMPRINT, team_grid(TEAM, 0)),
        (PACKET, IMPRINT, packet_grid(PACKET, False, False)),
        *[(content, files) for content, files in specimens()],
    ],
)
def test_all_that_goes_into_templates_is_values_and_functions(given):
    """So no attribute leads to a module, a class, a file, or anything with a hand in the process."""
    language = environment(None, SHIPPED)
    types_ = reached(given, language)
    methods = {types.MethodType, types.FunctionType}
    values = {tuple, list, dict, type({}.keys())}
    others = {each for each in types_ - methods - values if not dataclasses.is_dataclass(each)}
    assert others == set()


def test_functions_given_to_templates_have_nothing_to_get_at():
    renderer = Renderer(None, SHIPPED)
    language = renderer._templates
    for name, given in language.globals.items():
        for attribute in dir(given):
            value = getattr(given, attribute, None)
            if language.is_safe_attribute(given, attribute, value):
                assert not isinstance(value, (types.ModuleType, types.CodeType)), (name, attribute)
                assert not (isinstance(value, dict) and "__builtins__" in value), (name, attribute)


@pytest.fixture(scope="module")
def listening():
    """A server on this machine that notes each request."""
    asked: list[str] = []

    class Noting(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(302)
            self.send_header("Location", "file:///etc/passwd")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Noting)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


def urls(own: Path, host: str) -> dict[str, str]:
    """Every kind of address from which nothing may come, by what it is."""
    secret = own.parent / "secret.txt"
    return {
        "http": f"http://{host}/x?figures=981",
        "https": f"https://{host}/x",
        "HTTP in capitals": f"HTTP://{host}/x",
        "ftp": f"ftp://{host}/x",
        "a scheme that nobody knows": "gopher://127.0.0.1/x",
        "a file": f"file://{secret}",
        "a file with a host": f"file://localhost{secret}",
        "a file of another host": f"file://{host}{secret}",
        "a file with one slash": f"file:{secret}",
        "FILE in capitals": f"FILE://{secret}",
        "up and out": f"file://{own}/../secret.txt",
        "up and out, written otherwise": f"file://{own}/%2e%2e/secret.txt",
        "up and out by two slashes": f"file://{own}/fonts/..//../secret.txt",
        "a link that leads out": f"file://{own}/linked.txt",
        "a folder that leads out": f"file://{own}/folder/secret.txt",
        "a folder beside it that begins alike": f"file://{own}-too/secret.txt",
        "with a question": f"file://{secret}?x#y",
        "the system's": "file:///etc/passwd",
        "a process": "file:///proc/self/environ",
    }


def some(of: dict[str, str], n: int, way: str) -> dict[str, str]:
    """Some `n` of those, for each way others."""
    names = sorted(of, key=lambda what: sha256(f"{way}{what}".encode()).digest())
    return {name: of[name] for name in names[:n]}


def svg(inside: str) -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="9pt" height="9pt">{inside}</svg>'
    )


def as_data(text: str, kind: str = "image/svg+xml") -> str:
    return f"data:{kind};base64,{b64encode(text.encode()).decode()}"


WAYS = {
    "img": '<img src="{}"/>',
    "object": '<object data="{}"></object>',
    "embed": '<embed src="{}"/>',
    "stylesheet": '<link rel="stylesheet" href="{}"/>',
    "import": '<style>@import url("{}");</style>',
    "font": '<style>@font-face {{ font-family: X; src: url("{}") }} p {{ font-family: X }}</style>',
    "background": '<p style="background-image: url(&quot;{}&quot;)">x</p>',
    "content": '<style>p::before {{ content: url("{}") }}</style><p>x</p>',
    "list": '<ul style="list-style-image: url(&quot;{}&quot;)"><li>x</li></ul>',
    "border": '<p style="border: 1pt solid; border-image: url(&quot;{}&quot;) 1">x</p>',
    "color profile": '<style>@color-profile --x {{ src: url("{}") }}</style>',
    "attached": '<link rel="attachment" href="{}"/>',
    "attached by a link": '<p><a rel="attachment" href="{}">x</a></p>',
}
"""Ways by which a page asks for an address."""
DRAWN = {
    "image": '<image href="{}" width="9" height="9"/>',
    "image, as once": '<image xlink:href="{}" width="9" height="9"/>',
    "style": "<style>@import url({});</style>",
    "font": "<style>@font-face {{ font-family: X; src: url({}) }}</style>",
    "use": '<use href="{}#x"/>',
    "fill": '<rect width="9" height="9" fill="url({}#x)"/>',
}
"""Ways by which a picture does."""
SILENT = ("style", "use", "fill")
"""Of these nothing is fetched in the first place, and the picture is drawn without."""


def page(inside: str) -> str:
    return f'<html lang="en"><head><title>x</title></head><body class="a4">{inside}</body></html>'


def held(pdf: bytes) -> bytes:
    """Everything in a PDF, unpacked."""
    from io import BytesIO

    reader = pypdf.PdfReader(BytesIO(pdf))
    objects = [reader.get_object(n) for n in range(1, len(reader.xref[0]) + 1)]
    return pdf + b"".join(o.get_data() for o in objects if isinstance(o, StreamObject))


@pytest.fixture
def drawn(own, listening):
    """The page drawn, or why it was not; nobody was asked for anything either way."""
    own.joinpath("fonts").symlink_to(SHIPPED / "fonts")  # which leads out, and is not used
    renderer = Renderer(own, SHIPPED)

    def draw(text: str) -> str:
        (own / "owner.html").write_text(text)
        try:
            pdf = renderer.render(OWNER, IMPRINT, {})
        except RenderError as error:
            said = str(error)
        else:
            said = ""
            assert SECRET.encode() not in held(pdf)
        assert listening[1] == []
        assert SECRET not in said
        return said

    return draw


@pytest.mark.parametrize("n", sizes(4, 99))
@pytest.mark.parametrize("way", WAYS)
def test_a_page_gets_nothing_from_outside_of_its_folder(own, listening, drawn, way, n):
    for what, url in some(urls(own, listening[0]), 99 if way == "img" else n, way).items():
        said = drawn(page(WAYS[way].format(url)))
        assert said.startswith("Template owner.html asks for "), (what, said)
        assert url.split("?")[0].split(":")[1].rpartition("/")[2][:6] in said


@pytest.mark.parametrize("n", sizes(4, 99))
@pytest.mark.parametrize("way", DRAWN)
def test_a_picture_in_a_page_gets_nothing_either(own, listening, drawn, way, n):
    for what, url in some(urls(own, listening[0]), n, way).items():
        picture = svg(DRAWN[way].format(url))
        for inside in (picture, f'<img src="{as_data(picture)}" alt=""/>'):
            said = drawn(page(inside))
            assert said or way in SILENT, what
            assert way in SILENT or "Template owner.html asks for " in said, (what, said)


@pytest.mark.parametrize("n", sizes(4, 99))
def test_sheets_in_sheets_and_data_in_data_are_refused_too(own, listening, drawn, n):
    for url in some(urls(own, listening[0]), n, "").values():
        inner = as_data(f'@import url("{url}");', "text/css")
        outer = as_data(f'@import url("{inner}");', "text/css")
        assert "asks for " in drawn(page(f'<link rel="stylesheet" href="{outer}"/>'))
        picture = as_data(svg(f'<image href="{url}" width="9" height="9"/>'))
        around = as_data(svg(f'<image href="{picture}" width="9" height="9"/>'))
        assert "asks for " in drawn(page(f'<img src="{around}" alt=""/>'))


@pytest.mark.parametrize("sheet", ["print.css", "owner.css", "fonts.css"])
def test_a_stylesheet_gets_nothing_and_is_no_link_out(own, listening, drawn, sheet):
    (own / sheet).symlink_to(own.parent / "secret.css")
    assert f"{sheet} leads out of {own}" in drawn(page("<p>x</p>"))
    (own / sheet).unlink()
    (own / sheet).write_text(f'@import url("http://{listening[0]}/x");')
    assert f"asks for http://{listening[0]}/x" in drawn(page("<p>x</p>"))


def test_links_for_readers_to_follow_are_not_followed(listening, drawn):
    assert drawn(page(f'<p><a href="http://{listening[0]}/x">x</a></p>')) == ""


def test_what_lies_in_the_folder_is_had_as_before(own):
    picture = svg('<rect width="9" height="9" fill="#0072B2"/>')
    (own / "logo é.svg").write_text(picture)
    (own / "more.css").write_text("p { color: #123456 }")
    (own / "again.svg").symlink_to("logo é.svg")
    inside = (
        f'<link rel="stylesheet" href="{(own / "more.css").as_uri()}"/>'
        f'<p>x</p><img src="{(own / "logo é.svg").as_uri()}" alt="logo"/>'
        f'<img src="{(own / "again.svg").as_uri()}?v=2" alt="logo"/>'
        f'<img src="data:image/svg+xml,{quote(picture)}" alt="logo"/>'
    )
    (own / "owner.html").write_text(page(inside))
    assert Renderer(own, SHIPPED).render(OWNER, IMPRINT, {}).startswith(b"%PDF")
