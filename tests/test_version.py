"""A metric's version is another one exactly where its definition is: whatever it reaches counts,
and nothing else does."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecard.definitions import reach as reaching
from scorecard.definitions.loader import load_metrics
from scorecard.definitions.normal import normal
from scorecard.definitions.reach import Reach
from scorecard.facts.tables import FactsOptions
from scorecard.project.scaffold import SKELETON, room
from scorecard.project.settings import Project

DECLARED = """
@metric(label="Kept", unit="share", better="higher", kind="proportion", family="experience",
        needs=["surveys"], evidence="sample", section="experienced", matures=LATE)
"""
METRICS = f'''
"""A family."""
from __future__ import annotations
import math as mathematics
import ibis
from ibis import _
from scorecard import metric
from . import _shared as shared
from ._shared import helper as asked, Scale
from .deep.down import bottom

LATE = 7
FIRST, SECOND = 1, 2
WITHIN = {{"a": FIRST}}
OTHERS = {{"b": 5}}
alias = WITHIN
alias["c"] = 12
OTHERS["d"] = 13
for step in range(3):
    WITHIN[step] = step * 2

def counted(function):
    def inside(facts, window):
        """What is wrapped."""
        return function(facts, window) + 40
    return inside

def made(limit):
    def scaled(x):
        return x * limit
    return scaled

scaled = made(11)
strange = made(17)
{DECLARED}
@counted
def kept(facts, window, floor=21):
    """Share of something.

    Formula  a ÷ b.
    """
    # nothing is said here
    number = asked(facts) + shared.deeper(3) - Scale.top
    return scaled(number) + WITHIN["a"] + bottom + mathematics.floor(2.5)
{DECLARED}
def other(facts, window):
    return strange(6) + SECOND + OTHERS["b"] + shared.STRANGE
'''
SHARED = '''
"""Helpers."""
LIMIT = 3
"""How many."""
STRANGE = 9
TABLE = {"a": 1}
TABLE.update(b=2)

def helper(x, least=4):
    return inner(x) * LIMIT + least

def inner(x):
    if x > 5:
        return TABLE["a"]
    return x - 1

def deeper(x):
    return x ** 2

def stranger(x):
    return x + STRANGE

class Base:
    start = 14

class Scale(Base):
    top = 15
    def of(self):
        return self.top * 16
'''
DEEP = "from ..far import FAR\nbottom = FAR * 31\nnever = 32\n"
FAR = "FAR = 33\nNEAR = 34\n"
FILES = {
    "family": METRICS,
    "_shared": SHARED,
    "deep.__init__": "",
    "deep.down": DEEP,
    "far": FAR,
}
NOT_REACHED = {"OTHERS", "strange", "other", "STRANGE", "stranger", "never", "NEAR"}
"""What `kept` does not reach, by the names that are bound."""


def digest(files: dict[str, str], folder: Path = Path("nowhere"), name: str = "kept") -> str:
    sources = {
        module.removesuffix(".__init__"): (text.encode(), module.endswith("__init__"))
        for module, text in files.items()
    }
    return Reach(folder, sources).digest("family", [name])


WHOLE = digest(FILES)


class _Altered(ast.NodeTransformer):
    """A tree in which the constant or operator of that number is another one."""

    def __init__(self, number: int) -> None:
        self.number, self.seen = number, 0

    def _hit(self) -> bool:
        self.seen += 1
        return self.seen - 1 == self.number

    def visit_Expr(self, node):
        text = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return node if text else self.generic_visit(node)

    def visit_Constant(self, node):
        value = node.value
        if not isinstance(value, (int, float, str)) or not self._hit():
            return node
        return ast.Constant(f"{value}x" if isinstance(value, str) else value + 1)

    def visit_BinOp(self, node):
        self.generic_visit(node)
        if self._hit():
            node.op = ast.Add() if not isinstance(node.op, ast.Add) else ast.Sub()
        return node

    def visit_Compare(self, node):
        self.generic_visit(node)
        if self._hit():
            node.ops = [ast.LtE()]
        return node


def alterations() -> Iterator[tuple[str, str, str]]:
    """Every single alteration: the file, the text that it becomes, and what the altered statement
    binds or says."""
    for name, text in FILES.items():
        number = 0
        while True:
            altered = _Altered(number)
            tree = altered.visit(ast.parse(text))
            if altered.seen <= number:
                break
            before = [normal(s) for s in ast.parse(text).body]
            changed = next(s for s, b in zip(tree.body, before, strict=True) if normal(s) != b)
            yield name, ast.unparse(tree), ast.unparse(changed)
            number += 1


ALTERED = list(alterations())


def reached(statement: str) -> bool:
    node = ast.parse(statement).body[0]
    names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and n.id in NOT_REACHED}
    bound = {getattr(node, "name", "")} & NOT_REACHED
    targets = {t.id for t in getattr(node, "targets", ()) if isinstance(t, ast.Name)}
    if isinstance(node, (ast.FunctionDef, ast.Assign)) and not targets <= {""} and targets:
        return not targets & NOT_REACHED
    return not (bound or names)


def test_every_constant_and_operator_that_is_reached_counts_and_no_other_does():
    assert len(ALTERED) > 60
    wrong = []
    for name, text, statement in ALTERED:
        changes = digest(FILES | {name: text}) != WHOLE
        if changes != reached(statement):
            wrong.append((name, statement, changes))
    assert wrong == []
    kinds = {reached(statement) for _name, _text, statement in ALTERED}
    assert kinds == {True, False}


@given(st.data())
def test_comments_docstrings_and_layout_do_not_count(data):
    files = {}
    for name, text in FILES.items():
        if data.draw(st.booleans()):
            text = ast.unparse(ast.parse(text))  # without comments, laid out anew
        lines = text.split("\n")
        for _ in range(data.draw(st.integers(0, 3))):
            at = data.draw(st.integers(0, len(lines)))
            if "=" not in "".join(lines[at : at + 1]) and '"""' not in text:
                lines.insert(at, data.draw(st.sampled_from(["", "# said otherwise", "#"])))
        files[name] = "\n".join(lines).replace("Share of something.", "Said otherwise.")
    assert digest(files) == WHOLE


@pytest.mark.parametrize(
    "more",
    [
        "def untold(x):\n    return globals()[x]\n",
        "from ._strange import *\n",
        "def untold(x):\n    return getattr(shared, x)\n",
        "def untold(x):\n    exec(x)\n",
        "import importlib\n\ndef untold(x):\n    return importlib.import_module(x)\n",
    ],
)
def test_where_reach_cannot_be_told_all_files_count(more):
    if "untold" in more:
        calling = FILES["family"].replace("scaled = made(11)", f"{more}\nscaled = untold(made(11))")
    else:
        calling = FILES["family"].replace("import ibis\n", f"import ibis\n{more}")
    files = FILES | {"family": calling, "_strange": "ODD = 1\n"}
    if "import *" in more:
        files["family"] = files["family"].replace("number = ", "number = ODD + ")
        assert digest(files) != digest(files | {"_strange": "ODD = 2\n"})
        return
    assert digest(files) != digest(files | {"far": FAR.replace("34", "35")})


def test_a_file_beside_them_counts_where_files_are_read(tmp_path):
    (tmp_path / "weights.csv").write_text("a,1\n")
    reads = FILES | {"far": "FAR = float(open('weights.csv').read())\n"}
    before, silent = digest(reads, tmp_path), digest(FILES, tmp_path)
    (tmp_path / "weights.csv").write_text("a,2\n")
    assert digest(reads, tmp_path) != before
    assert digest(FILES, tmp_path) == silent


def test_the_versions_of_libraries_count_where_they_are_reached(monkeypatch):
    def versions(ibis):
        reaching._library.cache_clear()
        with monkeypatch.context() as patched:
            patched.setattr("ibis.__version__", ibis)
            found = digest(FILES | {"far": "import ibis\nFAR = ibis.literal(1)\n"}), digest(FILES)
        reaching._library.cache_clear()
        return found

    one, two = versions("12.0.0"), versions("12.1.0")
    assert one[0] != two[0]
    assert one[1] == two[1]


def test_what_the_package_gives_to_metrics_counts(monkeypatch):
    """`money` and what it reaches, and what the facts are asked."""
    own = reaching.own_module("scorecard.tiers.acquisition")
    sources = {
        "family": (b"from scorecard import money\ndef kept(f, w):\n    return money(f, w)", False)
    }
    before = Reach(Path(), sources).digest("family", ["kept"])
    other = ast.parse(ast.unparse(own.tree).replace("7 / 30.4375", "7 / 30"))
    altered = type(own)(own.name, other, ours=True)
    asked = reaching.own_module
    monkeypatch.setattr(reaching, "own_module", lambda n: altered if n == own.name else asked(n))
    assert Reach(Path(), sources).digest("family", ["kept"]) != before


def test_a_constant_of_the_margin_family_that_is_altered_is_another_definition(tmp_path):
    """The case that was called exceptional and favourable."""
    folder = tmp_path / "metrics"
    shutil.copytree(room("metrics"), folder)
    before = {name: m.version for name, m in load_metrics(folder).items()}
    assert len(set(before.values())) == len(before)
    file = folder / "margin.py"
    altered = file.read_text().replace(
        "SERVE = _.deliver + _.support + _.service", "SERVE = _.service"
    )
    file.write_text(altered)
    after = {name: m.version for name, m in load_metrics(folder).items()}
    assert {name for name in before if before[name] != after[name]} == {
        "customer_margin",
        "cost_to_serve",
        "margin_rate",
        "negative_margin_share",
        "whale_peak",
    }


def test_a_metric_that_a_factory_makes_reaches_what_it_was_made_with(tmp_path):
    folder = tmp_path / "metrics"
    folder.mkdir()
    declared = DECLARED.strip().replace("LATE", "7").replace("\n", "\n    ")
    text = f"from scorecard import metric\n\ndef make(limit):\n    {declared}\n    def made(facts, window):\n        return limit\n    return made\n\n"
    (folder / "a.py").write_text(f"{text}small = make(1)\n")
    first = load_metrics(folder)["made"].version
    (folder / "a.py").write_text(f"{text}small = make(2)\n")
    assert load_metrics(folder)["made"].version != first


MARGIN = {"customer_margin", "margin_knowledge", "whale_peak"}
STAYING = {"logo_retention", "churn_rate", "survival_12", "contacts_per_customer"}
OTHERS = {"csat", "first_reply_p90", "promises_kept", "purchase_frequency"}


@pytest.mark.parametrize(
    ("setting", "value", "altered"),
    [
        ("revenue", "invoiced", MARGIN),
        ("credits", "sale", MARGIN),
        ("acquisition", "period", MARGIN),
        ("amortise_months", 12, MARGIN),
        ("acquisition_by", "channel", MARGIN),
        ("costless", True, MARGIN),
        ("renewal_grace", 30, MARGIN | STAYING),
        ("currency", "USD", {"customer_margin", "average_order_value", "net_revenue_retention"}),
    ],
)
def test_another_setting_is_another_definition_of_what_asks_for_it(setting, value, altered):
    settings = Project.at(SKELETON, {}).settings.defining
    assert settings[setting] != value
    before = load_metrics(room("metrics"), settings)
    after = load_metrics(room("metrics"), settings | {setting: value})
    changed = {name for name in before if before[name].version != after[name].version}
    assert altered <= changed
    assert not changed & ((MARGIN | STAYING | OTHERS) - altered)


def test_a_metric_of_ones_own_reads_its_settings_too(tmp_path):
    declared = (
        '@metric(label="Own", unit="share", better="higher", kind="proportion", family="own", '
        'needs=["surveys"], evidence="sample", section="experienced")\n'
    )
    text = f"from scorecard import metric\n{declared}def own(facts, window):\n    return "
    found = []
    for code in ("facts.options.credits", "facts.credits"):
        (tmp_path / "own.py").write_text(text + code, "utf-8")
        found.append([load_metrics(tmp_path, {"credits": c})["own"].version for c in "ab"])
    (asked, other), (same, as_well) = found
    assert asked != other and same == as_well


def test_every_option_of_reading_facts_is_part_of_a_definition_or_named_here():
    """Of what is not: the moment and the engine define nothing; the zones, what stands for nothing
    and the hours of service are listed in docs/design/determinism.md."""
    told = Project.at(SKELETON, {}).settings.defining
    aside = {"as_of", "engine", "zones", "placeholders", "service_hours"}
    assert {f.name for f in fields(FactsOptions)} - aside == set(told)
