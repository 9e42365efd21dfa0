"""Folders of exports as other systems write them, whose figures can be worked out by hand."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import xlsxwriter

TIERS = ("Gold", "Silber", "Bronze")
CUSTOMERS = 90
"""Thirty of each tier, who all came in 2024."""


def text(file: Path, lines: list[str], encoding: str = "utf-8") -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(("\r\n".join(lines) + "\r\n").encode(encoding))
    return file


def sheets(file: Path, **rows: list[list[object]]) -> Path:
    """An Excel file with these sheets; days are days in it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(file, {"default_date_format": "dd.mm.yyyy"}) as book:
        for name, lines in rows.items():
            sheet = book.add_worksheet(name)
            for number, line in enumerate(lines):
                sheet.write_row(number, 0, line)
    return file


def german(folder: Path) -> Path:
    """A German company: customers in cp1252 with decimal commas, invoices in Excel, a survey.

    Each customer has one invoice in each month from January to June 2026, of 300.00 net in Gold,
    200.00 in Silber and 100.00 in Bronze; the first of each tier gives one back in June. Asked in
    June, everybody answers: 10 in Gold, 8 in Silber, and in Bronze 0 and 10 by turns.
    """
    customers = ["Kundennr;Firma;Kunde seit;Stufe;Herkunft;Jahresumsatz"]
    invoices: list[list[object]] = [
        ["Rechnungsnr", "Kundennr", "Rechnungsdatum", "Belegart", "Netto", "MwSt", "Brutto"]
    ]
    answers = ["response_id,customer_no,sent_at,answered_at,nps"]
    for n in range(CUSTOMERS):
        tier, who = TIERS[n % 3], f"K{n + 1:04}"
        since = date(2024, 1, 1) + timedelta(days=3 * n)
        amount = 100 * (3 - n % 3)
        origin = "Messe" if n % 2 else "Empfehlung"
        name = f"Müller & Söhne {n + 1}"
        customers.append(f"{who};{name};{since:%d.%m.%Y};{tier};{origin};{12 * amount}.000,50")
        for month in range(1, 7):
            day = date(2026, month, 1 + n % 28)
            number = f"R{month:02}-{n + 1:04}"
            invoices.append([number, who, day, "Rechnung", amount, 0.19 * amount, 1.19 * amount])
        if n < 3:
            back = [-amount, -0.19 * amount, -1.19 * amount]
            invoices.append([f"G06-{n + 1:04}", who, date(2026, 6, 29), "Gutschrift", *back])
        score = {0: 10, 1: 8, 2: 10 * (n // 3 % 2)}[n % 3]
        answers.append(f"A{n + 1},{who},2026-06-0{1 + n % 9} 09:00,2026-06-1{n % 10} 17:30,{score}")
    text(folder / "customers.csv", customers, "cp1252")
    sheets(folder / "invoices.xlsx", Rechnungen=invoices)
    text(folder / "survey.csv", answers)
    return folder
