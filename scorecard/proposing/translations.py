"""Translations: what values of exports mean where a contract knows a few words only."""

from __future__ import annotations

from scorecard.facts.contracts import Column
from scorecard.proposing.names import has, words_of
from scorecard.proposing.profile import Profile

MEANINGS: dict[str, dict[str, str]] = {
    "customers.status": {
        "active": "active aktiv actif activo open current live laufend bestand",
        "lost": "lost churned inactive inaktiv closed cancelled canceled gekundigt verloren "
        "ehemalig former terminated resilie perdu",
    },
    "transactions.kind": {
        "sale": "sale sales invoice inv order rechnung verkauf vente facture venta",
        "refund": "refund return retoure ruckgabe erstattung remboursement",
        "credit": "credit gutschrift avoir storno",
    },
    "contracts.billing_period": {
        "month": "month monthly monat monatlich mensuel mensual m",
        "quarter": "quarter quarterly quartal vierteljahrlich trimestriel q",
        "year": "year yearly annual annually jahr jahrlich annuel anual y",
    },
    "costs.category": {
        "acquire": "acquire acquisition marketing sales advertising ads vertrieb werbung campaign "
        "commission provision akquise",
        "deliver": "deliver delivery shipping logistics production material cogs goods versand "
        "lieferung fulfilment fulfillment hosting wareneinsatz produktion logistik",
        "support": "support helpdesk hotline",
        "service": "service repair warranty complaint complaints reklamation garantie kulanz",
    },
    "surveys.instrument": {
        "nps": "nps recommend recommendation weiterempfehlung",
        "csat": "csat satisfaction zufriedenheit",
        "ces": "ces effort aufwand",
    },
    "surveys.kind": {
        "relationship": "relationship relational beziehung",
        "transactional": "transactional transaction ticket",
    },
    "requests.decision": {
        "yes": "yes ja oui true approved granted accepted genehmigt",
        "no": "no nein non false rejected declined denied abgelehnt",
    },
}
"""What words of exports mean, by table and column."""
TRUE = ("true", "t", "yes", "y", "1", "ja", "j", "oui", "o", "si", "x", "wahr")
FALSE = ("false", "f", "no", "n", "0", "nein", "non", "falsch")


def allowed(column: Column) -> tuple[str, ...]:
    """The words that a contract's column can have; empty where it may have any."""
    check, _colon, operand = column.check.partition(":")
    return tuple(operand.split(",")) if check == "in" else ()


def translated(table: str, column: Column, profile: Profile) -> tuple[dict[str, str], list[str]]:
    """The values that are to be translated, with our words, and those that nothing is known of."""
    ours = allowed(column)
    known: dict[str, str] = {}
    strange = []
    for value in profile.values:
        if value in ours:
            continue
        meant = _meant(table, column, profile.name, value)
        if meant:
            known[value] = meant
        else:
            strange.append(value)
    return known, strange


def _meant(table: str, column: Column, name: str, value: str) -> str:
    if column.name == "status" and value.lower() in (*TRUE, *FALSE):
        says_lost = any(
            has(name, stem) for stem in ("churn", "lost", "inactive", "inaktiv", "closed")
        )
        return "lost" if (value.lower() in TRUE) == says_lost else "active"
    words = words_of(value)
    joined = "".join(words)
    for ours, theirs in MEANINGS.get(f"{table}.{column.name}", {}).items():
        meant = theirs.split()
        if joined in meant or (words and words[0] in meant):
            return ours
    plain = value.strip().lower()
    return plain if plain in allowed(column) else ""
