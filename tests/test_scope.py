"""Random organisations: nobody who does not belong in a document is in it, in what it says of
itself, in what is inside of it, or in the mail that brings it; and whoever is put there is found,
in any place and any disguise.
"""

from __future__ import annotations

import csv
import json
import os
import re
import unicodedata
from contextlib import contextmanager
from dataclasses import asdict, replace
from email import message_from_bytes
from email.header import decode_header, make_header
from io import BytesIO
from random import Random

import pytest
from pypdf import PdfReader
from sample_burst import MONDAY
from sample_material import MATURES, METRICS
from sample_organisations import LOOKS, organisation
from sizes import sizes

from scorecard.documents.compose import composed
from scorecard.documents.formats import Formats
from scorecard.documents.kinds import OWNER, PACKET, TEAM, read_document
from scorecard.documents.model import Imprint
from scorecard.documents.view import ReportView
from scorecard.facts.contracts import Source
from scorecard.facts.tables import Facts, FactsOptions
from scorecard.facts.values import Zones
from scorecard.ledger import Edition
from scorecard.mail.content import Attachment, MailContent
from scorecard.mail.edition_letter import own_roles, said_of, whose
from scorecard.mail.message import compose
from scorecard.mail.templates import MailTemplates
from scorecard.printing.enclosures import Enclosures
from scorecard.printing.leak_check import LeakCheck, PrintedText
from scorecard.printing.render_pool import ReadJob, RenderJob
from scorecard.printing.renderer import Renderer
from scorecard.printing.scope_check import ScopeCheck, Whole
from scorecard.project.scaffold import room
from scorecard.project.settings import Settings

KINDS = (PACKET, TEAM, OWNER)
FORMATS = Formats("en_GB", "EUR")
SETTINGS = Settings(company="Northwind Instruments", timezone="Europe/London", currency="EUR")
LETTERS = MailTemplates(None, room("templates"))
AT_ONCE = 100
"""Organisations whose customers are looked up in one set of facts, as foreign ones to each other."""
MANY = int(os.environ.get("SCORECARD_ORGANISATIONS", "80"))
SQL = """-- {0}
SELECT "t0"."customer_id", "t0"."num" FROM "surveys" AS "t0" WHERE "t0"."instrument" = '{0}'
"""


@contextmanager
def looking(organisations, folder):
    """The facts that hold the customers of all of them."""
    names = dict.fromkeys(name for each in organisations for name in each.customers)
    with (folder / "customers.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["customer_id", "name", "acquired_on"])
        rows.writerows((n, name, "2024-01-01") for n, name in enumerate(names))
    reading = FactsOptions("EUR", Zones("Europe/London", "UTC"), MONDAY)
    facts, _ = Facts.open("duckdb://", [Source("customers", "customers.csv")], folder, reading)
    yield facts
    facts.close()


def scopes_of(organisation, facts):
    strategy = organisation.data.strategy
    leaks = LeakCheck(facts, strategy, METRICS, "en_GB", room("templates"), None)
    return ScopeCheck(leaks, strategy, METRICS, SETTINGS, FORMATS, LETTERS)


def wholes_of(organisation, packet=True):
    """Every document of an organisation, frozen and read again as a run does; the `packet`, which
    takes as long as all others, not always."""
    by_stance = {}
    for result in organisation.results:
        by_stance.setdefault(result.stance, []).append(result)
    enclosed = Enclosures(by_stance, {name: SQL.format(name) for name in METRICS})
    view = ReportView(organisation.data, FORMATS, MATURES)
    for kind, scope, document in composed(view, KINDS if packet else KINDS[1:]):
        content = json.dumps(asdict(document), ensure_ascii=False)
        edition = Edition(
            *("id", kind, scope, "2026-10", 1, content, "ab12" * 16, "", MONDAY, "run", "", MONDAY)
        )
        imprint = Imprint(1, "16 Nov 2026 07:00", document.heading.period, "ab12" * 16, "scorecard")
        yield Whole(edition, read_document(kind, content), imprint, enclosed)


def own_of(organisation, whole):
    """Who belongs in a document, by the strategy and the facts, not by the document."""
    data, scope = organisation.data, whole.edition.scope
    if whole.edition.document == PACKET:
        return {*organisation.people, *organisation.teams}, None
    owners = data.strategy.owners
    ours = [o for o in owners if scope in (o.id, o.team)]
    keys = [w.stance.key for w in data.stances if w.stance.owner in {o.id for o in ours}]
    cells = [tuple(key.split("/")) for key in keys]
    results = [data.results[cell] for cell in cells if cell in data.results]
    customers = {n for cell in cells if cell in data.touched for n in data.touched[cell].names}
    customers |= {n for r in results if r.fragility is not None for n in r.fragility.names}
    team = next(t.name for t in data.strategy.teams if t.id == ours[0].team)
    return {o.name for o in ours} | {team}, customers


def message_of(whole, organisation, reader):
    """The mail that brings a document to a reader: its header lines, texts and file names."""
    about = whose(whole.document, own_roles(organisation.data.strategy.owners))
    content = MailContent(
        kind="document",
        recipient="reader@example.org",
        name=reader,
        sender="scorecards@example.org",
        company=SETTINGS.company,
        message_id="<a@example.org>",
        date=MONDAY,
        **said_of(whole.edition, whole.document, about),
    )
    enclosed = Attachment(LETTERS.file_name(content), b"%PDF", "application/pdf")
    mail = message_from_bytes(compose(content, (enclosed,), LETTERS))
    for part in mail.walk():
        yield from (str(make_header(decode_header(value))) for _name, value in part.items())
        yield str(part.get_filename(""))
        if part.get_content_maintype() == "text":
            yield part.get_payload(decode=True).decode()


# What stands where, found without any of the product's own search


def places(name, text):
    """Where a name stands in a text as whole words; in Chinese and Korean anywhere."""
    pattern = r"\s+".join(map(re.escape, unicodedata.normalize("NFC", name).split()))
    if name[:1].lower() != name[:1].upper():
        pattern = rf"(?<!\w){pattern}(?!\w)"
    return [m.span() for m in re.finditer(pattern, text)]


def strangers_in(texts, own, others):
    """The others who stand in the texts, unless as a part of a name that belongs there."""
    found = set()
    text = "\0".join(dict.fromkeys(unicodedata.normalize("NFC", t) for t in texts))
    for name in others:
        if spans := places(name, text):
            within = [span for each in own for span in places(each, text)]
            if any(not any(a <= s and e <= b for a, b in within) for s, e in spans):
                found.add(name)
    return found


@pytest.mark.parametrize("n", sizes(10, MANY))
def test_no_document_of_any_organisation_names_anybody_foreign(n, tmp_path):
    seen = 0
    for first in range(0, n, AT_ONCE):
        some = [organisation(seed) for seed in range(first, min(first + AT_ONCE, n))]
        with looking(some, tmp_path) as facts:
            for seed, each in enumerate(some, first):
                scopes, wholes = scopes_of(each, facts), list(wholes_of(each, seed % 10 == 0))
                assert scopes.problems(wholes) == [[]] * len(wholes), each
                for whole in wholes:
                    people, customers = own_of(each, whole)
                    texts = [text for _place, text in scopes.stated(whole)]
                    reader = next(iter(people))
                    texts += message_of(whole, each, reader)
                    everybody = {*each.people, *each.teams, *each.customers}
                    own = people | (everybody if customers is None else customers)
                    assert strangers_in(texts, own, everybody - own) == set()
                    seen += 1
    assert seen >= 4 * n


@pytest.mark.parametrize("n", sizes(2, 10))
def test_no_pdf_of_an_organisation_names_anybody_foreign(n, tmp_path):
    """Drawn and read: one document of each of some organisations, with all that is inside."""
    renderer, drawn = Renderer(None, room("templates")), 0
    some = [organisation(seed) for seed in range(n)]
    with looking(some, tmp_path) as facts:
        for each in some:
            scopes = scopes_of(each, facts)
            strategy = each.data.strategy
            leaks = LeakCheck(facts, strategy, METRICS, "en_GB", room("templates"), None)
            for whole in list(wholes_of(each, packet=False))[drawn % 5 :][:1]:
                files = whole.enclosed.files(whole.document)
                pdf = RenderJob(whole.document, whole.imprint, files).do(renderer).pdf
                read = ReadJob(whole.document, pdf).do(renderer)
                assert read.problems == ()
                assert leaks.foreign([PrintedText(read.text, scopes.allowed(whole))]) == [[]]
                people, customers = own_of(each, whole)
                own, everybody = people | customers, {*each.people, *each.teams, *each.customers}
                opened = PdfReader(BytesIO(pdf))
                inside = [part.decode() for parts in opened.attachments.values() for part in parts]
                told = [read.text.replace("\n", " "), *inside, *opened.attachments]
                told += [str(value) for value in (opened.metadata or {}).values()]
                assert strangers_in(told, own, everybody - own) == set()
                drawn += 1
    assert drawn == n


# Whoever is put there is found


def disguised(name, random):
    """(how, name) in a disguise that a reader sees through."""
    latin = any(c in LOOKS for c in name)
    spaced = name.lower() != name.upper()
    ways = {
        "as it is": name,
        "decomposed": unicodedata.normalize("NFD", name),
        "with joiners": "\u2060".join(name),
        "with a soft hyphen": f"{name[:2]}\u00ad{name[2:]}",
        "with spaces without width": name.replace(" ", "\u200b \u200d"),
        "over two lines": name.replace(" ", "\n"),
    }
    if spaced:
        ways["in capitals"] = name.upper()
        ways["letter by letter"] = " ".join(c for c in name if c.isalpha())
    if " " in name and len(name) > 8:
        ways["joined"] = "".join(word[:1].upper() + word[1:] for word in name.split())
    if latin and len(name.replace(" ", "")) > 4:
        ways["in letters that look alike"] = "".join(LOOKS.get(c, c) for c in name)
    if name.isascii() and name.replace(" ", "").isalpha():
        ways["in wide letters"] = "".join(chr(ord(c) + 0xFEE0) if c.isalpha() else c for c in name)
        ways["in bold letters"] = "".join(
            chr(0x1D400 + ord(c) - 65 if c.isupper() else 0x1D41A + ord(c) - 97)
            if c.isalpha()
            else c
            for c in name
        )
    if spaced and " " in name and len(name) > 11 and name[-3:].isalpha():
        ways["cut short"] = f"{name[:-2]}…"
    return random.choice(sorted(ways.items()))


def planted(whole, said, random, one_word):
    """(where, the same edition) with a text in one of all the places that it has."""
    document = json.loads(whole.edition.content)
    kinds = ["sql", "figures", "reason"]
    if whole.edition.document != PACKET:  # of a packet, what it says itself belongs in it
        kinds += ["document"] * 3
    where = random.choice(kinds)
    words = f"Here we wait for {said}, and not for others."
    if where == "reason":
        return where, replace(whole, edition=replace(whole.edition, reason=words))
    if where == "sql":
        shown = [r.metric for r in whole.enclosed.results(whole.document)]
        literal = said.replace("'", "''")
        sql = {m: f"{SQL.format(m)} AND \"name\" <> '{literal}'" for m in shown}
        return where, replace(whole, enclosed=replace(whole.enclosed, sql=sql))
    if where == "figures":
        by_stance = {
            key: [replace(r, unmeasured=words) for r in results]
            for key, results in whole.enclosed.by_stance.items()
        }
        return where, replace(whole, enclosed=replace(whole.enclosed, by_stance=by_stance))
    leaves = [leaf for leaf in texts_of(document) if not OWN & {*leaf[1]}]
    if one_word:
        leaves = [leaf for leaf in leaves if WRITTEN & {*leaf[1]}]
    holder, path = random.choice(leaves)
    holder[path[-1]] = f"{holder[path[-1]]} {words}"
    content = json.dumps(document, ensure_ascii=False)
    edition = replace(whole.edition, content=content)
    changed = read_document(edition.document, content)
    return ".".join(map(str, path)), replace(whole, edition=edition, document=changed)


#: Fields that say whose page it is and whom it is about, so that whoever stands there belongs.
OWN = {"names", "note", "allowed", "name", "role", "team", "lead", "company", "notice"}
#: Fields that people wrote. Elsewhere a word of its own is taken for a word, not for a customer.
WRITTEN = {"trade_off", "funding", "purpose", "stamp"}
#: Fields of fixed words, in which a document cannot have others.
FIXED = {"paper", "mark", "region", "language", "kind"}


def texts_of(value, path=()):
    """(holder, path) of every text in a document, wherever it is."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in pairs:
        if isinstance(inner, str) and key not in FIXED:
            yield value, (*path, key)
        elif isinstance(inner, (dict, list)):
            yield from texts_of(inner, (*path, key))


def alike(name):
    """A name as the generator's own disguises leave it: to tell twins from strangers."""
    back = {look: c for c, look in LOOKS.items()}
    plain = unicodedata.normalize("NFC", "".join(back.get(c, c) for c in name)).casefold()
    return " ".join(re.findall(r"\w+", plain))


@pytest.mark.parametrize("n", sizes(40, max(160, MANY)))
def test_whoever_is_put_into_a_document_is_found(n, tmp_path):
    ways, spots = set(), set()
    for first in range(0, n, AT_ONCE):
        some = [organisation(seed) for seed in range(first, min(first + AT_ONCE, n))]
        with looking(some, tmp_path) as facts:
            for seed, each in enumerate(some, first):
                random, scopes = Random(seed), scopes_of(each, facts)
                whole = random.choice(list(wholes_of(each, seed % 10 == 0)))
                people, customers = own_of(each, whole)
                everybody = [*each.people, *each.teams, *each.customers]
                own = people | set(everybody if customers is None else customers)
                if customers is None:  # a packet may name all; a customer of nobody's is foreign
                    everybody = [c for other in some for c in other.customers]
                known = " ; ".join(f" {alike(x)} " for x in (*own, *scope_words(scopes, whole)))
                foreign = [x for x in everybody if f" {alike(x)} " not in known]
                foreign = [x for x in foreign if not any(b in known for b in cjk(x))]
                if not foreign:
                    continue
                name = random.choice(foreign)
                how, said = disguised(name, random)
                where, changed = planted(whole, said, random, " " not in alike(name))
                (problems,) = scopes.problems([changed])
                assert problems, (seed, name, how, said, where)
                ways.add(how)
                spots.add(where.rpartition(".")[2])
    assert len(ways) > 8 and {"sql", "figures", "reason"} < spots


def cjk(name):
    """A name in a script without blanks may be a part of any run of it."""
    return [alike(name)] if name.lower() == name.upper() else []


def scope_words(scopes, whole):
    allowed = scopes.allowed(whole)
    return [*allowed.customers, *allowed.titles]
