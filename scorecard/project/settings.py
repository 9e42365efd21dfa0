"""The settings of a project: what [tool.scorecard] in the pyproject.toml of its folder says.

    Project.find(Path.cwd())      the nearest such folder, here or above
    Project.at(Path("acme"))      exactly that folder

All paths in the section are relative to the file that holds it, wherever the
command is run from. A value is checked when it is read, never when it is used.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.numbers import is_currency
from pydantic import ConfigDict, Field, ValidationInfo, field_validator

from scorecard.base import bounds
from scorecard.base.address import has_controls
from scorecard.base.periods import Period, PeriodKind, zone
from scorecard.definitions.metric import Metric
from scorecard.documents.formats import Formats
from scorecard.documents.report_data import Letterhead
from scorecard.errors import ProjectError, ScorecardError, did_you_mean
from scorecard.facts.contracts import CONTRACTS, Source
from scorecard.project.desk_settings import DeskSettings
from scorecard.project.ledger_address import refuse_passing
from scorecard.project.limit_settings import LimitSettings
from scorecard.project.mail_settings import Days, MailSettings
from scorecard.project.money_settings import MoneySettings
from scorecard.project.secret_settings import in_clear, learn_secrets
from scorecard.project.section import section_of
from scorecard.project.service_settings import ServiceHoursSettings
from scorecard.project.source_settings import read_sources
from scorecard.project.validated import SECRET, filled_in, validated

FILE = "pyproject.toml"
_OWN = ("facts", "mail", "limits", "desk")
"""Sections that are read apart from the settings, and are suggested like them."""


class Settings(MoneySettings):
    """What [tool.scorecard] says, except for the facts. Spans are in days unless named.

    project     which project it is, by whatever name: a ledger belongs to one. Empty: its company
    matures     days until a figure is final, by metric or family, where the metric's own do not fit
    freshness   days by table, where `stale_after` does not fit
    words       names of customers that are also words: where they stand alone they are not
                looked for
    placeholders  texts that stand for nothing in your tables, beside "N/A", "null", "-" and
                their like
    renewal_grace  days that may lie between the last day of a contract and the first of the next
    timestamps  zone of timestamps that carry none; empty: the company's

    service_hours  when service is open, for metrics that count in service hours
    tiers_schema  schema of the facts' PostgreSQL database that frozen tiers are kept in, as tables;
                  empty: Parquet files in the state

    How much memory the embedded engine takes before it uses the disk, and how many
    processors (0: one for few facts, all for many), changes no figure.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, str_strip_whitespace=True)

    project: str = ""
    company: str = Field(min_length=1, max_length=bounds.LONGEST_NAME)
    timezone: str
    currency: str
    locale: str = "en_GB"
    notice: str = Field(default="", max_length=bounds.LONGEST_PROSE)
    period: PeriodKind = "month"
    paper: Literal["A4", "Letter"] = "A4"
    ledger: str = "sqlite:///.scorecard/ledger.db"
    state: str = ".scorecard"
    strategy: str = "strategy.toml"
    metrics: str = "metrics"
    templates: str = "templates"
    schedules: str = "schedules"
    proposals: str = "proposals"
    output: str = "output"
    stale_after: Days = 45
    freshness: Mapping[str, Days] = {}
    matures: Mapping[str, Days] = {}
    words: tuple[str, ...] = ()
    placeholders: tuple[str, ...] = ()
    renewal_grace: int = Field(default=0, ge=0, le=366)
    timestamps: str = ""
    engine_memory: str = "2GB"
    engine_threads: int = Field(default=0, ge=0, le=1024)
    tiers_schema: str = ""
    service_hours: ServiceHoursSettings = ServiceHoursSettings()

    @field_validator("company", "notice", mode="before")
    @classmethod
    def _printable(cls, text: object, field: ValidationInfo) -> object:
        if isinstance(text, str):
            text = bounds.on_one_line(text) if field.field_name == "notice" else text.strip()
            if has_controls(text):
                raise ValueError("a line break, control character or mark of direction is in it")
        return text

    @field_validator("timezone", "timestamps")
    @classmethod
    def _zone(cls, name: str, field: ValidationInfo) -> str:
        if name or field.field_name == "timezone":
            try:
                zone(name)
            except ProjectError as error:
                raise ValueError('not an IANA zone; write one such as "Europe/London"') from error
        return name

    @field_validator("currency")
    @classmethod
    def _currency(cls, code: str) -> str:
        if not is_currency(code):
            raise ValueError('not an ISO 4217 code; write one such as "EUR"')
        return code

    @field_validator("locale")
    @classmethod
    def _locale(cls, name: str) -> str:
        try:
            Locale.parse(name)
        except (UnknownLocaleError, ValueError) as error:
            raise ValueError('not a locale; write one such as "en_GB"') from error
        return name

    @field_validator("freshness")
    @classmethod
    def _tables(cls, days: Mapping[str, int]) -> Mapping[str, int]:
        for table in days:
            if table not in CONTRACTS:
                raise ValueError(f'"{table}" is not a table.{did_you_mean(table, CONTRACTS)}')
        return days

    @field_validator("engine_memory")
    @classmethod
    def _memory(cls, size: str) -> str:
        if not re.fullmatch(r"[1-9]\d{0,5}\s*(MB|GB)", size):
            raise ValueError('not an amount of memory; write one such as "2GB" or "500MB"')
        return size

    @field_validator("tiers_schema")
    @classmethod
    def _schema(cls, name: str) -> str:
        own = name.startswith("pg_") or name in ("information_schema", "public")
        if name and (own or not re.fullmatch(r"[a-z_][a-z0-9_]*", name)):
            raise ValueError(
                'not a plain name of a schema of its own; write one such as "scorecard"'
            )
        return name

    @field_validator("words", mode="before")
    @classmethod
    def _words(cls, names: object) -> tuple[str, ...]:
        if not isinstance(names, (list, tuple)) or not all(isinstance(n, str) for n in names):
            raise ValueError('not a list of words; write one such as ["Orange", "Shell"]')
        for name in names:
            if not bounds.is_word(name.strip()) or len(name) > bounds.LONGEST_NAME:
                raise ValueError(f'"{name}" is not a single word; longer names cannot be listed')
        return tuple(name.strip() for name in names)

    @field_validator("placeholders", mode="before")
    @classmethod
    def _placeholders(cls, texts: object) -> tuple[str, ...]:
        if not isinstance(texts, (list, tuple)) or not all(
            isinstance(t, str) and 0 < len(t.strip()) <= bounds.LONGEST_NAME for t in texts
        ):
            raise ValueError('not a list of texts; write one such as ["TBD", "k.A."]')
        return tuple(t.strip() for t in texts)

    @property
    def defining(self) -> dict[str, object]:
        """What settings say of the definition of figures, by the names of the options of reading
        facts: where one that a metric asks for is changed, its history begins anew."""
        return {
            **self.counting,
            "renewal_grace": self.renewal_grace,
            "currency": self.currency,
        }

    def fresh_within(self, table: str) -> int:
        """Days before a period's end within which a table must have its newest row."""
        return self.freshness.get(table, self.stale_after)

    def matures_after(self, metric: Metric) -> int:
        """Days after a period's end before a metric is final: by name, by family, its own; and for
        losses by contract those in which it may still be renewed."""
        days = self.matures.get(metric.name, self.matures.get(metric.family, metric.matures))
        return days + (self.renewal_grace if "contracts" in metric.tables else 0)


@dataclass(frozen=True)
class Project:
    """A project as its file declares it: settings, and where everything lies.

    `ledger` and `connect` are URLs with ${VARIABLES} filled in, so they can hold passwords;
    a relative path in one, or in a source, is relative to `root`.
    """

    root: Path
    settings: Settings
    ledger: str
    connect: str
    sources: tuple[Source, ...]
    mail: MailSettings = field(default_factory=MailSettings)
    limits: LimitSettings = field(default_factory=LimitSettings)
    clear: tuple[tuple[str, str], ...] = ()
    """Settings with a secret in the file itself, and the variable that may have it instead."""
    desk: DeskSettings = field(default_factory=DeskSettings)

    @classmethod
    def find(cls, start: Path, env: Mapping[str, str] = os.environ) -> Project:
        """The project of the nearest folder, `start` or above; ProjectError when there is none."""
        start = start.resolve()
        for folder in (start, *start.parents):
            if (folder / FILE).is_file() and section_of(folder / FILE) is not None:
                return cls.at(folder, env)
        raise ProjectError(
            f"{start}: no {FILE} with [tool.scorecard] here or above; "
            'lay out a project with "scorecard init DIR".'
        )

    @classmethod
    def at(cls, path: Path, env: Mapping[str, str] = os.environ) -> Project:
        """The project in that folder, or of that pyproject.toml; nothing is searched for."""
        file = path.resolve() if path.name == FILE else path.resolve() / FILE
        try:
            section = section_of(file)
        except FileNotFoundError as error:
            raise ProjectError(
                f'{file} does not exist; "scorecard init {path}" writes one.'
            ) from error
        if section is None:
            raise ProjectError(
                f"{file} has no [tool.scorecard]; "
                f'"scorecard init {file.parent}" appends one with every setting explained.'
            )
        clear = in_clear(section)
        facts = section.pop("facts", {})
        mail = _mail(section.pop("mail", {}), file)
        head, known = "tool.scorecard.limits", [*LimitSettings.model_fields]
        limits = validated(LimitSettings, section.pop("limits", {}), file, head, known)
        desk = _desk(section.pop("desk", {}), file)
        settings = _settings(section, file)
        connect, sources = read_sources(facts, file)
        ledger = filled_in(settings.ledger, "ledger", file, env)
        refuse_passing(ledger, file)
        connect = filled_in(connect, "connect", file, env)
        learn_secrets(env, ledger, connect, mail, sources)
        return cls(file.parent, settings, ledger, connect, sources, mail, limits, clear, desk)

    @property
    def file(self) -> Path:
        return self.root / FILE

    @property
    def identity(self) -> str:
        """What its ledger knows it by."""
        return self.settings.project or self.settings.company

    @property
    def formats(self) -> Formats:
        """How figures and dates are worded for its locale and currency."""
        return Formats(self.settings.locale, self.settings.currency)

    @property
    def letterhead(self) -> Letterhead:
        """What every document says of the company."""
        s = self.settings
        return Letterhead(s.company, s.notice, s.paper, s.acquisition_said)

    @property
    def strategy(self) -> Path:
        return self.root / self.settings.strategy

    @property
    def metrics(self) -> Path:
        return self.root / self.settings.metrics

    @property
    def templates(self) -> Path:
        return self.root / self.settings.templates

    @property
    def own_templates(self) -> Path | None:
        """The folder of templates that stand before the shipped ones; None where there is none."""
        return self.templates if self.templates.is_dir() else None

    @property
    def schedules(self) -> Path:
        return self.root / self.settings.schedules

    @property
    def proposals(self) -> Path:
        return self.root / self.settings.proposals

    @property
    def output(self) -> Path:
        return self.root / self.settings.output

    @property
    def state(self) -> Path:
        return self.root / self.settings.state

    @property
    def zone(self) -> ZoneInfo:
        """The company's time zone, in which periods begin and end."""
        return zone(self.settings.timezone)

    @property
    def timestamps(self) -> ZoneInfo:
        """The zone of timestamps in the facts that carry none."""
        return zone(self.settings.timestamps or self.settings.timezone)

    def period(self, text: str) -> Period:
        """The period of that key; ScorecardError unless it is of the project's kind, or a span."""
        period = Period.parse(text, self.settings.timezone)
        return period if period.is_span else self.regular_period(text)

    def regular_period(self, text: str) -> Period:
        """The period of that key, which must be of the project's kind, such as backfills and
        schedules work by."""
        period, kind = Period.parse(text, self.settings.timezone), self.settings.period
        if period.is_span:
            raise ScorecardError(
                f'Period "{text}" is a span, which "scorecard run --period {text}" computes by '
                f"itself; here write one {kind}."
            )
        if period.kind != kind:
            meant = Period.containing(period.first, kind, period.tz)
            raise ScorecardError(
                f'Period "{text}" is a {period.kind}, but this project works by {kind}; '
                f'write {meant}, or change "period" in [tool.scorecard].'
            )
        return period

    def secret_mail(self, env: Mapping[str, str] = os.environ) -> MailSettings:
        """The mail settings with ${VARIABLES} filled in, which only sending needs."""

        def fill(text: str, name: str) -> str:
            return filled_in(text, f"mail.{name}", self.file, env)

        filled: dict[str, Any] = {name: fill(getattr(self.mail, name), name) for name in SECRET}
        filled["passwords"] = {a: fill(p, "passwords") for a, p in self.mail.passwords.items()}
        return self.mail.model_copy(update=filled)

    def boxes(self, env: Mapping[str, str] = os.environ) -> tuple[str, str]:
        """The boxes of bounces and of forms; each may be empty. ProjectError where both are one."""
        mail = self.secret_mail(env)
        if mail.one_box:
            raise ProjectError(
                f"{self.file}: bounces and forms in [tool.scorecard.mail] are one box, and what is "
                "meant for either would be marked as read by the other; name two."
            )
        return mail.bounces, mail.forms

    def source(self, table: str) -> Source | None:
        """Where a table comes from, or None when the project does not have it."""
        return next((s for s in self.sources if s.table == table), None)


def _settings(section: dict[str, Any], file: Path) -> Settings:
    return validated(Settings, section, file, "tool.scorecard", [*Settings.model_fields, *_OWN])


def _mail(section: object, file: Path) -> MailSettings:
    known = [field.alias or name for name, field in MailSettings.model_fields.items()]
    return validated(MailSettings, section, file, "tool.scorecard.mail", known)


def _desk(section: object, file: Path) -> DeskSettings:
    known = [*DeskSettings.model_fields]
    return validated(DeskSettings, section, file, "tool.scorecard.desk", known)
