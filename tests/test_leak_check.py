"""Whom a finished document names although they may not be; and no false alarm, which would hold it.

Ada's page may name Ada and her team, and the customers that her choices touched.
"""

from __future__ import annotations

import csv
import json
import sqlite3
import unicodedata
from contextlib import closing, contextmanager
from dataclasses import replace

import psycopg
import pytest
from sample_burst import MONDAY, company
from sample_choices import OCTOBER
from sample_material import ADA, BEA, MATURES, METRICS, PLAN, RESULTS, STANCES, view
from sample_team import TEAM

from scorecard.definitions.results import Fragility
from scorecard.documents.kinds import OWNER
from scorecard.documents.model import Imprint
from scorecard.documents.owner import owner_scorecard
from scorecard.documents.packet import executive_packet
from scorecard.documents.view import ReportView
from scorecard.errors import RenderError
from scorecard.facts.contracts import Source
from scorecard.facts.tables import Facts, FactsOptions
from scorecard.facts.values import Zones
from scorecard.pipeline.computation import Computation
from scorecard.pipeline.request import RunRequest
from scorecard.pipeline.run import Steps
from scorecard.printing.allowed_names import _texts
from scorecard.printing.enclosures import Enclosures
from scorecard.printing.kinds import allowed_names_of
from scorecard.printing.leak_check import LeakCheck, PrintedText
from scorecard.printing.name_search import KnownIn, known_as
from scorecard.printing.render_pool import ReadJob, RenderJob, RenderPool
from scorecard.printing.renderer import Renderer
from scorecard.project.scaffold import room
from scorecard.strategy.model import Card, Executive, Owner, Strategy, Team, Tier

LONG = "The Honourable and Ancient Company of Makers of Very Fine Measuring Instruments"
LONGER = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk Linz"
COMPOUND = "Größenwälzlagergehäuseführungen"
FOREIGN = (
    "Contoso",
    "Müller",
    "Citroën",
    unicodedata.normalize("NFD", "Lévêque"),
    unicodedata.normalize("NFD", "Ångström Ö"),
    "Ｆａｂｒｉｋａｍ",
    COMPOUND,
    "Größen Maße",
    "Zenith Works",
    "Bay, Ltd & Partners",
    "(Acme) Sons",
    "O’Hara-Lindt S.p.A.",
    "Großküchen Löwe GmbH",
    "ÖSTERBRO AB",
    "ООО «Ромашка»",
    "Νικολάου ΑΕ",
    "株式会社白樺製作所",
    "白樺 精密",
    "한빛정밀",
    "شركة النور",
    "אורן בע״מ",
    "บริษัท เอบีซี จำกัด",
    "3M",
    "HP",
    "K-00017",
    LONG,
    LONGER,
    "The Honourable and Ancient Company of Menders",
)
ORDINARY = (
    "October",
    "Margin",
    "Gold",
    "Delivered",
    "Routine",
    "London",
    "Europe",
    "Scorecard",
    "Page",
    "2026",
    "40",
    "5.8",
    "N",
    "h",
    "Customer Margin",
    "First Reply",
    "Care Plan",
    "Edition",
    "Satisfied",
    "Promised",
    "Waits",
    "Bronze",
    "Counted",
    "Northwind Instruments",
    "Sample",
    "Head of Support",
    "Customer Care",
    "Ada Lindqvist",
    "Lindqvist",
    "Ada",
    "Fragility",
    "Invented",
    "Intime",
    "Forgotten",
    "現場",
    "Value 1",
)
IDS = ("Q-77", "low", "csv")
OWN_CUSTOMERS = ("Aldous Marine", "Petra Foods", "Kite Rail")
CAL = Owner("cal", "Cal Reed", "Head of finance", "finance", "What is billed low stays low.")
DEE = Executive("dee", "Dee Moreau-Smith", "Managing director")
STRATEGY = Strategy(
    replace(
        PLAN,
        tiers=(
            *PLAN.tiers,
            Tier("silver", "Silver", needs="Calm at the 現場."),
            Tier("value-1", "Value 1"),
        ),
    ),
    (
        Team("care", "Customer care"),
        Team("finance", "Finance"),
        Team("north", "Team North"),
        Team("support", "Support"),
    ),
    (ADA, BEA, CAL),
    STANCES,
    executives=(DEE,),
    offers=(Card("plan", "Care plan"),),
)
REMEDY = "; if the word is meant, add it to words in [tool.scorecard]"
IMPRINT = Imprint(1, "16 Nov 2026 07:00 Europe/London", "October 2026", "ab12" * 16, "scorecard 1")


def customers(folder, names):
    with (folder / "customers.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["customer_id", "name", "acquired_on"])
        rows.writerows((n + 1, name, "2024-01-01") for n, name in enumerate(names))
        rows.writerows((id, "", "2024-01-01") for id in IDS)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The customers in a file, and read from it."""
    folder = tmp_path_factory.mktemp("facts")
    customers(folder, (*FOREIGN, *ORDINARY, *OWN_CUSTOMERS))
    return "duckdb://", "customers.csv", folder


@pytest.fixture(scope="module")
def tables(files, database):
    """The same customers in PostgreSQL, whose small letters are those of ASCII only."""
    address = database.set(drivername="postgresql")
    with psycopg.connect(address.render_as_string(False), autocommit=True) as connection:
        connection.execute(
            'CREATE TABLE people (customer_id text, name text COLLATE "C", acquired_on date)'
        )
        with (
            connection.cursor() as cursor,
            cursor.copy("COPY people FROM STDIN (FORMAT csv, HEADER)") as copy,
        ):
            copy.write((files[2] / "customers.csv").read_text("utf-8"))
    return address.render_as_string(False), "people", files[2]


@pytest.fixture(scope="module", params=["files", "tables"])
def watch(request):
    with watching(*request.getfixturevalue(request.param)) as watch:
        yield watch


@contextmanager
def watching(url, source, folder, own=None, meant=()):
    reading = FactsOptions("EUR", Zones("Europe/London", "UTC"), MONDAY)
    facts, _ = Facts.open(url, [Source("customers", source)], folder, reading)
    yield LeakCheck(facts, STRATEGY, METRICS, "en_GB", room("templates"), own, meant)
    facts.close()


def drawn(document):
    """The text of a document's PDF."""
    renderer = Renderer(None, room("templates"))
    pdf = RenderJob(document, IMPRINT, {"figures.json": b"[]"}).do(renderer).pdf
    return ReadJob(document, pdf).do(renderer).text


@pytest.fixture(scope="module")
def page():
    document = owner_scorecard(view(), ADA)
    return document, drawn(document)


def found(watch, page, said="", **changed):
    """Who is foreign on Ada's page with those words on it, or in its content."""
    document, text = page
    document = replace(document, **changed)
    texts = [text, said, *(value for value in changed.values() if isinstance(value, str))]
    scope = allowed_names_of(
        document, STRATEGY, (), (IMPRINT.as_of, IMPRINT.period, IMPRINT.software)
    )
    return watch.foreign([PrintedText("\n".join(texts), scope)])[0]


def traded(page, words):
    """The page with other words for a trade-off."""
    document, _text = page
    held = replace(document.strengths[0], trade_off=words)
    return {"strengths": (held, *document.strengths[1:])}


def test_a_page_as_it_is_names_nobody_foreign(watch, page):
    """Although there are customers called like almost every word of it."""
    assert found(watch, page) == []
    names = len({*FOREIGN, *ORDINARY, *OWN_CUSTOMERS})
    assert watch.looked_for == {"people": 4, "teams": 4, "customers": names + len(IDS)}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_customer_of_others_is_found_in_a_trade_off(watch, page, name):
    words = f"We wait for {name}, so that others need not."
    assert found(watch, page, words, **traded(page, words)) == [name]


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("Zenith\nWorks waits.", "Zenith Works"),
        ("ZENITH WORKS", "Zenith Works"),
        ("“zenith works”", "Zenith Works"),
        ("so that CONTOSO waits", "Contoso"),
        ("白樺精密を待つ", "白樺 精密"),
        ("株式会社白樺\n製作所", "株式会社白樺製作所"),
        ("Zenith\u00a0Works", "Zenith Works"),
        ("Zen\u00adith Works", "Zenith Works"),
        ("(Acme) Sons.", "(Acme) Sons"),
        ("Acme Sons", "(Acme) Sons"),
        ("for Q-77 only", "Q-77"),
        ("The Honourable and Ancient Company of Makers of Very Fine Measuring…", LONG),
        ("for Cal Reed", "Cal Reed"),
        ("cal\nreed", "Cal Reed"),
        ("Dee Moreau-\nSmith", DEE.name),
        ("Bea Tsukada", "Bea Tsukada"),
        ("for Team North", "Team North"),
        ("for Finance", "Finance"),
        ("for Mu\u0308ller", "Müller"),
        ("for MU\u0308LLER", "Müller"),
        ("We wait for Citroe\u0308n.", "Citroën"),
        ("for Ｃｏｎｔｏｓｏ", "Contoso"),
        ("for Ｃｏｎ\nｔｏｓｏ", "Contoso"),
        ("for 𝐂𝐨𝐧𝐭𝐨𝐬𝐨", "Contoso"),
        ("白樺Contosoを", "Contoso"),
        ("for Lévêque", unicodedata.normalize("NFD", "Lévêque")),
        ("for Ｚｅｎｉｔｈ Ｗｏ\n\nｒｋｓ", "Zenith Works"),
        ("for Ｚｅｎｉｔｈ\nＷｏｒｋｓ", "Zenith Works"),
        ("for Ｚｅｎｉｔｈ\nＷｏ\nｒｋｓ", "Zenith Works"),
        ("Ｃａｌ Ｒｅ\nｅｄ", "Cal Reed"),
        ("for Größenwälzlagergehäusefüh…", COMPOUND),
        ("so that GRÖSSEN MASSE waits", "Größen Maße"),
        ("for ZenithWorks", "Zenith Works"),
        ("for zenithworks", "Zenith Works"),
        ("for Zenith\u2060\u200bWorks", "Zenith Works"),
        ("for Zen\u00adithWo\ufe0frks", "Zenith Works"),
        ("for Ζеnіth Wоrкs", "Zenith Works"),  # a Greek letter and Cyrillic ones
        ("for Сontoso", "Contoso"),
        ("for Zenith W0rks", "Zenith Works"),
        ("for Z e n i t h W o r k s", "Zenith Works"),
        ("for Zenith Wor…", "Zenith Works"),
        ("for ZenithWor...", "Zenith Works"),
        ("for OOO Poмaшкa", "ООО «Ромашка»"),
        ("for Вea Tsukada", "Bea Tsukada"),
        ("for CalReed", "Cal Reed"),
        ("for Bea Tsuk…", "Bea Tsukada"),
    ],
)
def test_whoever_is_named_is_found_however_it_is_printed(watch, page, words, name):
    assert name in found(watch, page, words)


@pytest.mark.parametrize("name", ORDINARY)
def test_a_customer_called_like_a_word_of_the_page_is_no_finding(watch, page, name):
    assert name not in found(watch, page)


def test_a_customer_called_like_a_tier_or_a_metric_may_stand_wherever_that_is_named(watch, page):
    assert found(watch, page, "Value 1 customers wait, Gold ones do not. First Reply came.") == []


def test_its_own_customers_may_be_named_and_what_is_inside_of_their_names(watch, page):
    document, _text = page
    (row,) = document.affected
    assert row.names == "Aldous Marine; Petra Foods; Kite Rail and 11 more"
    assert found(watch, page, "Aldous Marine; Petra Foods") == []
    inside = "Contoso Zenith Works; Finance GmbH; Cal Reed Ltd and 2 more"
    both = (row, replace(row, names=inside))
    assert found(watch, page, inside) == ["Cal Reed", "Contoso", "Zenith Works"]
    assert found(watch, page, inside, affected=both) == []
    assert found(watch, page, f"{inside}; 白樺 精密", affected=both) == ["白樺 精密"]


def test_two_names_beside_each_other_are_not_a_third():
    """株式会社A and 株式会社B, printed as a list, hold "A株式会社"."""
    both = ("株式会社白樺精密", "株式会社青嵐製作所")
    content = {"affected": [{"names": both}], "names": both}
    joined = list(_texts(content, within=("names",)))
    assert "; ".join(both) in joined
    assert known_as("白樺精密株式会社", "白樺精密株式会社") in KnownIn(joined)


@pytest.mark.parametrize(
    "said",
    [
        LONG,
        LONG.upper(),
        LONG.replace(" ", ""),
        " ".join(LONG.replace(" ", "")),
        LONG.replace("a", "а").replace("e", "е"),  # Cyrillic ones
    ],
)
def test_a_name_that_begins_as_one_of_its_own_does_is_foreign(watch, page, said):
    document, _text = page
    (row,) = document.affected
    own = "The Honourable and Ancient Company of Menders"
    both = (row, replace(row, names=own))
    assert found(watch, page, f"for {own}", affected=both) == []
    assert found(watch, page, f"for {said}, not {own}", affected=both) == [LONG]
    assert found(watch, page, f"for {said}", affected=both) == [LONG]


def test_a_long_name_of_its_own_may_be_cut_short(watch, page):
    document, _text = page
    cut = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk…"
    (row,) = document.affected
    assert found(watch, page, cut, affected=(row, replace(row, names=cut))) == []
    assert found(watch, page, cut) == [LONGER]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("We support the finance of contoso.", []),
        ("Support comes first. Finance waits.", []),  # words that begin a sentence
        ("So does Support, but not before Finance.", ["Finance", "Support"]),
        ("Contoso waits.", ["Contoso"]),  # no word that is ever printed small
        ("Paid by the Finance\nof others", ["Finance"]),
        ("What is low stays low.", []),
        ("Que le cafe\u0301 Support attende", ["Support"]),
        ("Ｂｅｆｏｒｅ Ｓｕｐｐｏｒｔ", ["Support"]),
        ("Ｓｕｐｐｏｒｔ comes first.", []),
        ("O\u0308" * 50 + ". Support comes first.", []),
    ],
)
def test_a_name_of_one_word_is_told_from_the_word(watch, page, words, names):
    """Here "support", "finance" and "low" are words that others have written small."""
    assert found(watch, page, words, **traded(page, words)) == names


def stamped(page, stamp):
    document, _text = page
    return {"heading": replace(document.heading, stamp=stamp)}


@pytest.mark.parametrize(
    ("stamp", "names"),
    [
        ('2 rows of customers have one id, for example "Q-77"', ["Q-77"]),
        ("the facts of Contoso are late", ["Contoso"]),
        ("two rows of Zenith Works", ["Zenith Works"]),
        ("transactions end on 28 October 2026", []),
    ],
)
def test_why_a_page_is_provisional_excuses_no_name(watch, page, stamp, names):
    assert found(watch, page, stamp, **stamped(page, stamp)) == names


def test_words_that_the_project_lists_are_no_names_where_they_stand_alone(files, page):
    words = "We wait for Contoso. Müller first, so Zenith waits for Zenith Works and for Finance."
    with watching(*files, meant=["contoso", "Mu\u0308ller", "Zenith", "Finance"]) as watch:
        assert found(watch, page, words) == ["Finance", "Zenith Works"]
        remedies = ("Citroën", "Zenith Works", "Q-77", "Finance", "Bea Tsukada")
        assert [watch.problem(name) for name in remedies] == [
            f'"{name}" is printed and does not belong here{ends}'
            for name, ends in zip(remedies, (REMEDY, "", "", "", ""), strict=True)
        ]


@pytest.mark.parametrize(
    "words",
    [
        "We answer in time. It was invented and forgotten.",
        "Modern corners wait…",
        "The first reply and the care plan waited in an hour or two…",
        "n 10, 0.1 and 1,001; All of them; 1 I l",
    ],
)
def test_what_only_looks_like_a_name_by_chance_is_none(watch, page, words):
    assert found(watch, page, words) == []


def test_a_customer_named_by_two_words_is_no_word_that_they_make(files, page):
    with watching(*files, meant=["zenithworks"]) as watch:
        assert found(watch, page, "Our zenithworks wait.") == []
        assert found(watch, page, "Our zenithworks wait for Zenith Works.") == ["Zenith Works"]


def test_a_role_may_be_called_as_a_team_is(watch, page):
    both = f"{ADA.role}, Head of Finance"
    assert found(watch, page, both, role=both) == []
    assert found(watch, page, both) == ["Finance"]


def test_a_packet_may_name_everybody_whom_it_is_about(watch):
    packet = executive_packet(view())
    scope = allowed_names_of(packet, STRATEGY, ["Bay, Ltd & Partners"], ())
    text = "\n".join([*scope.wording, "Cal Reed, Finance, Aldous Marine, Bay, Ltd & Partners"])
    assert watch.foreign([PrintedText(text, scope)]) == [[]]
    assert watch.foreign([PrintedText(f"{text}\nZenith Works", scope)]) == [["Zenith Works"]]


def test_a_team_review_may_name_its_members_and_not_those_of_others(watch):
    scope = allowed_names_of(TEAM, STRATEGY, (), ())
    assert scope.teams == {"Team North"}
    text = "Team North. Mikael Lindqvist. Ines Achterberg. Aldous Marine Ltd"
    assert watch.foreign([PrintedText(text, scope)]) == [[]]
    said = f"{text} for Finance, Cal Reed and Zenith Works"
    assert watch.foreign([PrintedText(said, scope)]) == [["Cal Reed", "Finance", "Zenith Works"]]


def test_a_projects_own_templates_excuse_words_and_no_names(files, page, tmp_path):
    (tmp_path / "owner.html").write_text(
        "<p>Zenith Works and Contoso, Team North: the visits of the volume</p>", "utf-8"
    )
    words = "Zenith Works and Contoso, Team North: the visits of the volume"
    with watching(*files, own=tmp_path) as watch:
        assert found(watch, page, words) == ["Team North", "Contoso", "Zenith Works"]


def test_every_document_of_many_is_held_against_its_own_scope(watch, page):
    document, text = page
    scope = allowed_names_of(
        document, STRATEGY, (), (IMPRINT.as_of, IMPRINT.period, IMPRINT.software)
    )
    planted = [PrintedText(f"{text} {name}", scope) for name in ("", "Zenith Works", "Cal Reed")]
    assert watch.foreign(planted) == [[], ["Zenith Works"], ["Cal Reed"]]
    assert watch.foreign([]) == []


# With real editions and PDFs, and a ledger that keeps what was wrong

OTHER = "Bea Achterberg"
"""An owner of the other team."""
BODY = '{% extends "default:owner.html" %}{% block body %}{{ super() }}<p>@</p>{% endblock %}'


@pytest.fixture
def two(tmp_path):
    """Owners of two teams; the first of them has a page that a test spoils."""
    made = company(tmp_path / "acme", 2, in_a_team=1)
    yield made
    made.ledger.close()


def planting(made, trade_off):
    """The same company, with other words in the first owner's trade-off."""
    first, *others = made.material.stances
    held = first._replace(stance=replace(first.stance, trade_off=trade_off))
    return replace(made, material=replace(made.material, stances=[held, *others]))


def templated(made, text):
    (made.work.project.templates / "owner.html").write_text(text, "utf-8")
    return made


def refused(made, how="was drawn but not published"):
    """What was said of the first page, which is not laid out, and what was recorded of it."""
    with pytest.raises(
        RenderError, match=rf"^owner-scorecard owner-00000 2026-10 {how}: "
    ) as caught:
        made.publish()
    assert [f for f in made.work.project.output.rglob("*") if f.is_file()] == []
    with closing(sqlite3.connect(made.work.project.root / "ledger.db")) as ledger:
        rows = ledger.execute(
            "SELECT problems FROM reading JOIN edition ON edition.id = edition_id "
            "WHERE scope = 'owner-00000'"
        ).fetchall()
    ((problems,),) = rows
    return str(caught.value).partition(f"{how}: ")[2], json.loads(problems)


def not_drawn(made):
    """The same of a page that was refused before it was drawn."""
    return refused(made, "was not drawn")


@pytest.mark.parametrize(
    "name", [OTHER, "Service district 1", "Achterberg’s Foods of Vale 0", "Ada Lindqvist-Reed"]
)
def test_a_trade_off_that_names_others_is_never_sent(two, name):
    if name == "Ada Lindqvist-Reed":
        executive = Executive("boss", name, "Managing director")
        strategy = replace(two.work.strategy, executives=(executive,))
        two = replace(two, work=replace(two.work, strategy=strategy))
    said, recorded = not_drawn(planting(two, f"We wait so that {name} need not."))
    assert recorded == [f'"{name}" is printed and does not belong here']
    assert said == f"{recorded[0]}."


@pytest.mark.parametrize("name", [OTHER, "Service district 1", "Achterberg’s Foods of Vale 0"])
def test_a_template_that_names_others_is_never_sent(two, name):
    said, recorded = refused(templated(two, BODY.replace("@", name)))
    assert recorded == [f'"{name}" is printed and does not belong here']
    assert said == f"{recorded[0]}."


def test_a_name_in_what_the_file_says_of_itself_is_seen(two):
    text = '{% extends "default:owner.html" %}{% block title %}@{% endblock %}'
    _said, recorded = refused(templated(two, text.replace("@", OTHER)))
    assert recorded == [f'"{OTHER}" is printed and does not belong here']


def test_a_page_that_prints_nothing_is_never_sent(two):
    said, recorded = refused(templated(two, '{% extends "_parts/page.html" %}'))
    assert recorded[0] == '"Ada Achterberg" is expected and not printed'
    assert '"First reply, 9 of 10 within" is expected and not printed' in recorded
    assert len(recorded) > 3
    assert said.endswith(f"; and {len(recorded) - 3} more.")


@pytest.mark.parametrize("part", [0.0, 0.01, 0.2, 0.5, 0.9, 0.99, 0.999])
def test_a_pdf_that_is_cut_is_never_sent(two, monkeypatch, part):
    begin = RenderPool.begin

    def cutting(pool, job):
        finish = begin(pool, job)
        if isinstance(job, ReadJob):
            return finish

        def cut():
            drawn = finish()
            return replace(drawn, pdf=drawn.pdf[: int(len(drawn.pdf) * part)])

        return cut

    monkeypatch.setattr(RenderPool, "begin", cutting)
    said, recorded = refused(two)
    assert len(recorded) == 1
    assert recorded[0].startswith("the file cannot be read as a PDF: ")
    assert said == f"{recorded[0]}."


def test_a_page_that_was_refused_is_drawn_and_read_again_when_it_is_mended(two):
    not_drawn(planting(two, f"We wait so that {OTHER} need not."))
    published = two.publish()
    assert len(published) == 2
    for each in published:
        assert each.path.is_file()
        assert two.ledger.reading(each.edition.id, each.sha256).problems == []


def test_figures_inside_the_pdf_are_looked_through_too(two, monkeypatch):
    """A page whose figures rest on customers whom the page itself does not rest on."""
    monkeypatch.setattr(Enclosures, "rested_on", lambda *_: [])
    names = Fragility(2, ("Achterberg’s Foods of Vale 0", "Brand’s Castings of Vale 1"))
    results = [replace(r, fragility=names) for r in RESULTS if r.metric == "reply"]
    two.ledger.save_results(two.run, results, MONDAY)
    _said, recorded = not_drawn(two)
    assert recorded == [
        f'"{name}" is printed and does not belong here (figures.json)' for name in names.names
    ]


def test_nothing_is_drawn_of_a_page_that_may_not_be(two, monkeypatch):
    """Scope is decided on the frozen document, whatever a template makes of it."""
    drawn = []
    monkeypatch.setattr(RenderJob, "do", lambda job, _renderer: drawn.append(job))
    not_drawn(planting(two, f"We wait so that {OTHER.replace(' ', '')} need not."))
    assert drawn == []


@pytest.mark.parametrize(
    "literal", ["Achterberg’s Foods of Vale 0", "AchterbergsFoodsOfVale0", OTHER]
)
def test_sql_that_names_others_is_never_sent(two, literal):
    """A metric of one's own may have a customer's name in it."""
    name = OTHER if literal == OTHER else "Achterberg’s Foods of Vale 0"
    sql = f'SELECT 1 FROM "surveys" WHERE "name" <> \'{literal}\''
    two.ledger.advance(two.run, "gathered", MONDAY, lineage={"reply": sql})
    _said, recorded = not_drawn(two)
    assert recorded == [f'"{name}" is printed and does not belong here (reply.sql)']


def test_words_of_sql_are_no_names(two):
    """Customers may be called as units, categories and columns are, and as tables."""
    customers(two.work.project.root, ("Day", "Support", "Score", "Month", "Europe", "London"))
    two.ledger.advance(
        two.run,
        "gathered",
        MONDAY,
        lineage={
            "reply": """-- reply
SELECT DATE_DIFF('DAY', "t0"."score") FROM "support" AS "t0" WHERE "c" = 'support'
AND "t0"."at" < TIMEZONE('Europe/London', "month")""",
            "tables": "SELECT * FROM crm WHERE name = 'Achterberg’s Foods of Vale 0'",
        },
    )
    assert len(two.publish()) == 2


def corrected(made, reason):
    computation = Computation(made.work, made.ledger, lambda: MONDAY, lambda *_: None)
    request = RunRequest((OWNER,), reason=reason)
    steps = Steps(computation, request, made.run, OCTOBER)
    editions = steps.compose(ReportView(made.material, made.work.formats, MATURES))
    return steps, editions


@pytest.mark.parametrize("said", [OTHER, "BeaAchterberg", "Веа Achterberg", "B e a Achterberg"])
def test_the_reason_of_a_correction_may_not_name_others(two, said):
    steps, editions = corrected(two, f"The hours of {said} were booked twice.")
    with (
        steps.renderer(1) as renderer,
        pytest.raises(RenderError, match="was not drawn: ") as caught,
    ):
        renderer.draw_one(two.ledger.edition(editions[0].id))
    assert f'"{OTHER}" is printed and does not belong here (the reason of the correction)' in str(
        caught.value
    )


@pytest.mark.parametrize(
    ("template", "where"),
    [
        ("document.subject.j2", "the subject of its mail"),
        ("document.txt.j2", "its mail"),
        ("document.html.j2", "its mail"),
        ("file_name.j2", "the name of its file"),
    ],
)
def test_a_mail_that_names_others_is_never_sent(two, template, where):
    folder = two.work.project.templates / "mail"
    folder.mkdir()
    (folder / template).write_text("{{ letter.title }} {{ 'Bea ' ~ 'Achterberg' }}", "utf-8")
    _said, recorded = not_drawn(two)
    assert recorded[0].startswith(f'"{OTHER}" is printed and does not belong here (')
    assert template == "file_name.j2" or where in recorded[0]


def test_a_bookmark_that_names_others_is_seen(two):
    """A heading that is not printed still stands in the file's table of contents."""
    text = BODY.replace("<p>@</p>", "<p style=\"bookmark-level: 1; bookmark-label: '@'\">x</p>")
    _said, recorded = refused(templated(two, text.replace("@", OTHER)))
    assert recorded == [f'"{OTHER}" is printed and does not belong here']
