"""Scope check: whether an edition would name anybody who does not belong in it, told from its
frozen content before anything is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from scorecard.definitions.metric import Metric
from scorecard.documents.formats import Formats
from scorecard.documents.kinds import Document
from scorecard.documents.model import Imprint
from scorecard.ledger import Edition
from scorecard.mail.edition_letter import own_roles, whose, words_of
from scorecard.mail.templates import MailTemplates
from scorecard.printing.allowed_names import AllowedNames
from scorecard.printing.enclosures import Enclosures
from scorecard.printing.kinds import allowed_names_of
from scorecard.printing.leak_check import LeakCheck, PrintedText, place_of
from scorecard.printing.stated import SQL, Stated, stated_in, words_of_sql
from scorecard.printing.words import apart
from scorecard.project.settings import Settings
from scorecard.strategy.model import Strategy


@dataclass(frozen=True)
class Whole:
    """An edition with all that belongs to it: its document, imprint, and what its run encloses."""

    edition: Edition
    document: Document
    imprint: Imprint
    enclosed: Enclosures


class ScopeCheck:
    """Finds names that do not belong in editions. Made once for many."""

    def __init__(
        self,
        leaks: LeakCheck,
        strategy: Strategy,
        metrics: Mapping[str, Metric],
        settings: Settings,
        formats: Formats,
        letters: MailTemplates,
    ) -> None:
        self._leaks, self._strategy, self._letters = leaks, strategy, letters
        self._settings, self._language = settings, formats.language
        self._roles = own_roles(strategy.owners)
        own = (settings.currency, settings.timezone, *metrics, *strategy.plan.ids)
        self._words_of_sql = words_of_sql(own)

    def problems(self, wholes: Sequence[Whole]) -> list[list[str]]:
        """For each edition in words who would be named and may not be; empty where nobody is."""
        parts = [self._parts(whole) for whole in wholes]
        texts = [PrintedText(_apart(said), scope) for each in parts for said, scope in each]
        found = iter(self._leaks.foreign(texts))
        return [
            [
                self._leaks.problem(name, place_of(name, said))
                for said, _scope in each
                for name in next(found)
            ]
            for each in parts
        ]

    def allowed(self, whole: Whole) -> AllowedNames:
        """Whom an edition may name."""
        imprint = whole.imprint
        return allowed_names_of(
            whole.document,
            self._strategy,
            whole.enclosed.rested_on(whole.document),
            (imprint.as_of, imprint.period, imprint.content_hash[:8], imprint.software),
        )

    def stated(self, whole: Whole) -> list[Stated]:
        """All that an edition will say, its mail included."""
        edition, document, imprint = whole.edition, whole.document, whole.imprint
        files = whole.enclosed.files(document)
        return [
            *stated_in(edition, document, (imprint.as_of, imprint.period), files),
            *words_of(
                edition,
                document,
                whose(document, self._roles),
                self._letters,
                self._settings.company,
                self._settings.notice,
                self._language,
            ),
        ]

    def _parts(self, whole: Whole) -> list[tuple[list[Stated], AllowedNames]]:
        """What an edition will say and whom it may name in that; its SQL may say some words
        more."""
        said, allowed = self.stated(whole), self.allowed(whole)
        within_sql = replace(allowed, wording=(*allowed.wording, *self._words_of_sql))
        return [
            ([each for each in said if not each[0].endswith(SQL)], allowed),
            ([each for each in said if each[0].endswith(SQL)], within_sql),
        ]


def _apart(stated: Iterable[Stated]) -> str:
    return apart(dict.fromkeys(text for _place, text in stated if text))
