"""Forms as people fill them in: with PDFium, by which Chrome shows PDFs, and with pypdf; and what
else becomes of them on the way back."""

from __future__ import annotations

import ctypes
from email.message import EmailMessage
from io import BytesIO

import pypdfium2 as pdfium
import pypdfium2.raw as engine
from pypdf import PdfReader, PdfWriter


def fields_of(pdf: bytes) -> dict[str, str]:
    """What stands in each field."""
    return {
        name: str(f.get("/V", "")) for name, f in (PdfReader(BytesIO(pdf)).get_fields()).items()
    }


def options_of(pdf: bytes, field: str) -> list[tuple[str, str]]:
    """What a field offers: (value, words)."""
    return [(str(v), str(w)) for v, w in PdfReader(BytesIO(pdf)).get_fields()[field]["/Opt"]]


def filled_by_chrome(pdf: bytes, **typed: str) -> bytes:
    """Click into each field and type, choose by the words that are shown, tick; then save."""
    return _saved(_typed_into(pdf, typed))


def flattened(pdf: bytes, **typed: str) -> bytes:
    """Filled in, and printed into a PDF as Chrome does: the fields are only drawn."""
    document = _typed_into(pdf, typed)
    for number in range(len(document)):
        page = document[number]
        assert engine.FPDFPage_Flatten(page, engine.FLAT_PRINT) == engine.FLATTEN_SUCCESS
    return _saved(document)


def printed(pdf: bytes, **typed: str) -> bytes:
    """Printed to a new PDF: pictures of its pages, and nothing else."""
    document = _typed_into(pdf, typed)
    pages = [p.render(scale=1, may_draw_forms=True).to_pil().convert("RGB") for p in document]
    made = BytesIO()
    pages[0].save(made, "PDF", save_all=True, append_images=pages[1:])
    return made.getvalue()


def filled_by_pypdf(pdf: bytes, **typed: str) -> bytes:
    """Filled in by pypdf, as a script would."""
    writer = PdfWriter(clone_from=BytesIO(pdf))
    values = {_name(key): ("/on" if text == "on" else text) for key, text in typed.items()}
    for page in writer.pages:
        if "/Annots" in page:
            writer.update_page_form_field_values(page, values)
    return _written(writer)


def with_field(pdf: bytes, name: str, value: str) -> bytes:
    """The same with another value in a field, whether or not it may be changed."""
    from pypdf.generic import NameObject, TextStringObject

    writer = PdfWriter(clone_from=BytesIO(pdf))
    for page in writer.pages:
        for annotation in page.get("/Annots", ()):
            if annotation.get_object().get("/T") == name:
                annotation.get_object()[NameObject("/V")] = TextStringObject(value)
    return _written(writer)


def with_text(pdf: bytes, old: str, new: str) -> bytes:
    """The same with another text drawn over its first page."""
    from weasyprint import HTML

    stamp = PdfReader(BytesIO(HTML(string=f"<p>{new}</p>").write_pdf()))
    writer = PdfWriter(clone_from=BytesIO(pdf))
    writer.pages[0].merge_page(stamp.pages[0])
    return _written(writer)


def letter(sender: str, *files: tuple[str, bytes], text="Here it is.", **heads: str) -> bytes:
    """A mail with files, as mail programs write them."""
    mail = EmailMessage()
    mail["From"], mail["To"] = sender, "cards@example.com"
    mail["Subject"], mail["Message-ID"] = "Re: Pre-read", "<from.reader.1@example.com>"
    for name, value in heads.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    for name, content in files:
        kind = ("application", "pdf") if name.endswith(".pdf") else ("image", "jpeg")
        mail.add_attachment(content, maintype=kind[0], subtype=kind[1], filename=name)
    return mail.as_bytes()


def _name(key: str) -> str:
    return key.replace("_", "-")


def _written(writer: PdfWriter) -> bytes:
    made = BytesIO()
    writer.write(made)
    return made.getvalue()


def _saved(document: pdfium.PdfDocument) -> bytes:
    made = BytesIO()
    document.save(made)
    return made.getvalue()


def _typed_into(pdf: bytes, typed: dict[str, str]) -> pdfium.PdfDocument:
    wanted = {_name(key): text for key, text in typed.items()}
    document = pdfium.PdfDocument(pdf)
    document.init_forms()
    env = document.formenv.raw
    for number in range(len(document)):
        page = document[number]
        for place in range(engine.FPDFPage_GetAnnotCount(page)):
            field = engine.FPDFPage_GetAnnot(page, place)
            name = _text(engine.FPDFAnnot_GetFormFieldName, env, field)
            if name in wanted:
                _type(env, page, field, wanted.pop(name))
            engine.FPDFPage_CloseAnnot(field)
    assert not wanted, f"no such fields: {sorted(wanted)}"
    return document


def _type(env, page, field, text):
    where = engine.FS_RECTF()
    engine.FPDFAnnot_GetRect(field, where)
    x, y = (where.left + where.right) / 2, (where.top + where.bottom) / 2
    engine.FORM_OnMouseMove(env, page, 0, x, y)
    engine.FORM_OnLButtonDown(env, page, 0, x, y)
    engine.FORM_OnLButtonUp(env, page, 0, x, y)
    kind = engine.FPDFAnnot_GetFormFieldType(env, field)
    if kind == engine.FPDF_FORMFIELD_TEXTFIELD:
        letters = ctypes.create_string_buffer(f"{text}\0".encode("utf-16-le"))
        engine.FORM_SelectAllText(env, page)
        engine.FORM_ReplaceSelection(env, page, ctypes.cast(letters, engine.FPDF_WIDESTRING))
    elif kind == engine.FPDF_FORMFIELD_COMBOBOX:
        count = engine.FPDFAnnot_GetOptionCount(env, field)
        shown = [_text(engine.FPDFAnnot_GetOptionLabel, env, field, n) for n in range(count)]
        assert engine.FORM_SetIndexSelected(env, page, shown.index(text), True)
    engine.FORM_ForceToKillFocus(env)


def _text(call, *about):
    room = call(*about, None, 0)
    letters = ctypes.create_string_buffer(room)
    call(*about, ctypes.cast(letters, ctypes.POINTER(engine.FPDF_WCHAR)), room)
    return letters.raw[:-2].decode("utf-16-le")
