"""The box of forms: a look into it with all that collecting needs, the project's or a folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import datetime
from typing import TYPE_CHECKING

from scorecard.base.limits import GB, Limits
from scorecard.delivery.archive import Archive
from scorecard.delivery.form_collecting import FILE, LARGEST_MAIL, Collected, FormCollector
from scorecard.ledger import Ledger
from scorecard.mail.mailbox import open_box
from scorecard.printing.filled_form import FilledForm, FormJob
from scorecard.printing.render_pool import RenderPool
from scorecard.project.declared import declared
from scorecard.project.entrance import door_of
from scorecard.project.mail_settings import MailSettings
from scorecard.project.opening import note_head, refuse_doubts
from scorecard.project.scaffold import room
from scorecard.project.settings import Project

if TYPE_CHECKING:
    from scorecard.printing.edition_renderer import EditionRenderer

SETTING = "forms in [tool.scorecard.mail]"
READING = Limits(30, 2 * GB)
"""What reading one file may take, whoever sent it."""


def collect_forms(
    project: Project,
    ledger: Ledger,
    url: str,
    now: Callable[[], datetime],
    person: str = "",
    env: Mapping[str, str] = os.environ,
    setting: str = SETTING,
) -> list[Collected]:
    """Read the forms in the box at `url`, and record them; see `open_box` for the forms of a URL.

    `person` is who filled in those that are files in a folder, by name, where several may answer.
    MailError when the box cannot be opened, StrategyError when the strategy cannot be used.
    """
    moment = now()
    refuse_doubts(project, ledger, moment)
    known = declared(project).usable()
    mail = project.secret_mail(env)
    with ExitStack() as used:
        box = used.enter_context(
            open_box(
                url,
                project.root,
                setting=setting,
                largest=LARGEST_MAIL,
                endings=(".eml", FILE),
            )
        )

        def renderer() -> EditionRenderer:
            # Only what is not in the output folder any more has to be drawn.
            from scorecard.printing.edition_renderer import EditionRenderer
            from scorecard.project.workspace import open_workspace

            return used.enter_context(EditionRenderer(open_workspace(project, now()), ledger, now))

        pool = used.enter_context(
            RenderPool(project.own_templates, room("templates"), limits=READING)
        )

        def read(pdf: bytes, passwords: tuple[str, ...]) -> FilledForm:
            return pool.begin(FormJob(pdf, passwords))()

        collector = FormCollector(
            project,
            ledger,
            door_of(project, ledger, known.strategy, known.metrics),
            Archive(project, ledger, renderer, now),
            read,
            lambda address: _passwords(mail, address),
            moment,
            person,
        )
        try:
            found = list(collector.collect(box))
        finally:
            note_head(project, ledger)
    return found


def _passwords(mail: MailSettings, address: str) -> tuple[str, ...]:
    """The password of an address, or all where it is not known to whom a form was mailed."""
    known = [mail.password_for(address)] if address else [mail.password, *mail.passwords.values()]
    return tuple(dict.fromkeys(filter(None, known)))
