"""Sealing: a PDF that opens with its password, only with it, and has lost nothing."""

from __future__ import annotations

from io import BytesIO

import pytest
from pypdf import PasswordType, PdfReader
from weasyprint import HTML, Attachment

from scorecard.errors import MailError
from scorecard.mail.pdf_password import seal

FIGURES = b'[{"metric": "margin"}]'


@pytest.fixture(scope="module")
def pdf():
    page = (
        '<html lang="en"><title>Owner scorecard</title><meta name="author" content="Acme">'
        "<h1>Margin is secret</h1><p>One</p><p style='break-before: page'>Two</p>"
    )
    files = [Attachment(string=FIGURES, name="figures.json")]
    made = HTML(string=page).write_pdf(
        pdf_variant="pdf/ua-1", pdf_identifier=b"edition", attachments=files
    )
    assert isinstance(made, bytes)
    return made


def opened(sealed, password):
    reader = PdfReader(BytesIO(sealed))
    assert reader.decrypt(password) is not PasswordType.NOT_DECRYPTED
    return reader


def test_nothing_can_be_read_without_the_password(pdf):
    sealed = seal(pdf, "s3cret")
    reader = PdfReader(BytesIO(sealed))
    assert reader.is_encrypted
    for wrong in ("", "S3cret", "s3cret "):
        assert reader.decrypt(wrong) is PasswordType.NOT_DECRYPTED
    for clear in (b"figures.json", b"Owner scorecard", b"Acme", FIGURES):
        assert clear not in sealed


def test_it_is_sealed_by_aes_with_256_bits(pdf):
    """/V 5 and /R 6 are AES-256 of ISO 32000-2, table 21; the streams' method is AESV3."""
    entry = PdfReader(BytesIO(seal(pdf, "s3cret"))).trailer["/Encrypt"]
    assert (entry["/V"], entry["/R"], entry["/CF"]["/StdCF"]["/CFM"]) == (5, 6, "/AESV3")


def test_with_the_password_it_is_the_same_document(pdf):
    before, after = PdfReader(BytesIO(pdf)), opened(seal(pdf, "s3cret"), "s3cret")
    assert [p.extract_text() for p in after.pages] == [p.extract_text() for p in before.pages]
    assert after.attachments == {"figures.json": [FIGURES]}
    assert after.metadata == before.metadata and after.metadata.title == "Owner scorecard"
    for kept in ("/Lang", "/MarkInfo", "/ViewerPreferences"):
        assert after.root_object[kept] == before.root_object[kept]
    assert "/StructTreeRoot" in after.root_object
    assert [o.title for o in after.outline] == [o.title for o in before.outline]
    assert after.pdf_header == before.pdf_header


def test_a_password_may_have_letters_of_any_kind_and_is_normalised_as_readers_do(pdf):
    sealed = seal(pdf, "päss ﬁsh 日本")  # the ligature is typed as two letters
    assert len(opened(sealed, "päss fish 日本").pages) == 2


@pytest.mark.parametrize("password", ["", " ", "s3cret ", "s3c\nret", "s3cret" * 22])
def test_a_password_that_cannot_be_typed_is_refused_without_being_shown(pdf, password):
    with pytest.raises(MailError, match="The password for PDFs is") as caught:
        seal(pdf, password)
    assert "s3c" not in str(caught.value)


@pytest.mark.parametrize("damage", [b"", b"not a PDF", b"%PDF-1.7\n%%EOF\n"])
def test_what_is_no_pdf_is_not_sealed(damage):
    with pytest.raises(MailError, match="No password can be put on the PDF, for it is damaged"):
        seal(damage, "s3cret")
