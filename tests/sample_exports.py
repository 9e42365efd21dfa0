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
        year = f"{12 * amount // 1000}.{12 * amount % 1000:03},50"
        customers.append(f"{who};{name};{since:%d.%m.%Y};{tier};{origin};{year}")
        for month in range(1, 7):
            day = date(2026, month, 1 + n % 28)
            number = f"R{month:02}-{n + 1:04}"
            invoices.append([number, who, day, "Rechnung", amount, 0.19 * amount, 1.19 * amount])
        if n < 3:
            back = [-amount, -0.19 * amount, -1.19 * amount]
            invoices.append([f"G06-{n + 1:04}", who, date(2026, 6, 29), "Gutschrift", *back])
        score = {0: 10, 1: 8, 2: 10 * (n // 3 % 2)}[n % 3]
        asked = f"2026-06-{1 + n % 28:02}"
        answers.append(f"A{n + 1},{who},{asked} 09:00,{asked} 17:30,{score}")
    text(folder / "customers.csv", customers, "cp1252")
    sheets(folder / "invoices.xlsx", Rechnungen=invoices)
    text(folder / "survey.csv", answers)
    return folder


def french(folder: Path) -> Path:
    """A French shop: sixty customers and as many invoices of 100.50 before tax, in latin-1, and
    tickets with a satisfaction from 1 to 5."""
    customers = ["Code client;Nom;Date d'inscription;Catégorie"]
    invoices = ["N° facture;Code client;Date facture;Montant HT;TVA;Montant TTC"]
    tickets = ["N° ticket;Code client;Créé le;Résolu le;Canal;Motif;Note satisfaction"]
    for n in range(60):
        who, day = f"C{n}", f"{1 + n % 28:02}/06/2026"
        customers.append(f"{who};Société {n};{1 + n % 28:02}/02/2024;{'ABC'[n % 3]}")
        invoices.append(f"F{n};{who};{day};100,50;20,10;120,60")
        tickets.append(f"{n};{who};{day} 09:00;{day} 17:30;Mail;Panne;{1 + n % 5}")
    text(folder / "clients.csv", customers, "latin-1")
    text(folder / "factures.csv", invoices, "latin-1")
    text(folder / "tickets.csv", tickets)
    return folder


def american(folder: Path) -> Path:
    """An American software company: what a help desk, a biller, a survey tool and a card export."""
    accounts, tickets, plans, answers, spent = (
        ["id,name,created_at,plan,health_score"],
        ["Ticket ID,Organization ID,Requester,Subject,Created At,First Reply At,Solved At,Group"],
        ["id,customer,status,current_period_start,created,amount,interval,currency"],
        ["person_id,account_id,score,comment,survey_sent,responded"],
        ["Date,Vendor,Category,Amount,Account"],
    )
    for n in range(50):
        who, day = 10000 + n, f"2026-05-{1 + n % 28:02}"
        written = f"05/{1 + n % 28:02}/2026"
        plan = ("free", "pro", "enterprise")[n % 3]
        accounts.append(f"{who},Org {n},2024-0{1 + n % 9}-03T10:00:00Z,{plan},{n}")
        tickets.append(f"{n},{who},x,Bug,{day} 09:00:00,{day} 09:30:00,{day} 17:00:00,Support")
        plans.append(
            f"sub_{n},{who},active,2026-05-01,2024-10-03,30,{('month', 'year')[n % 2]},USD"
        )
        answers.append(f"p{n},{who},{n % 11},ok,{written},{written}")
        spent.append(f"{written},Acme,{('Marketing', 'Shipping', 'Support')[n % 3]},10.50,6000")
    text(folder / "organizations.csv", accounts)
    text(folder / "zendesk_tickets.csv", tickets)
    text(folder / "stripe_subscriptions.csv", plans)
    text(folder / "delighted_nps.csv", answers)
    text(folder / "expenses.csv", spent)
    return folder
