"""Secrets in the settings: learned, so that nothing shows them, and found where they are written in
the file itself instead of the environment."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from scorecard.base.address import learn_passwords, passwords_in
from scorecard.base.findings import Finding
from scorecard.facts.contracts import Source
from scorecard.project.mail_settings import SERVER, MailSettings
from scorecard.secrets import assigned, learn, learn_environment

VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
OURS = "SCORECARD_"
"""What the names of variables begin with that are proposed for secrets."""
LONG = 12
"""Characters from which on a part of the path of `ping` is taken for the secret in it."""
_ADDRESS = re.compile(r"""[a-z][a-z0-9+]*://[^\s"'<>]*@""")


def learn_secrets(
    env: Mapping[str, str],
    ledger: str,
    connect: str,
    mail: MailSettings,
    sources: Iterable[Source] = (),
) -> None:
    """Have every secret hidden that the settings and the environment give away."""

    def filled(text: str) -> str:
        return VARIABLE.sub(lambda found: env.get(found[1], ""), text)

    learn_environment(env)
    ping = filled(mail.ping)
    for url in (
        env.get(SERVER, ""),
        ledger,
        connect,
        filled(mail.bounces),
        filled(mail.forms),
        ping,
    ):
        learn_passwords(url)
    learn(*map(filled, (mail.password, *mail.passwords.values())))
    learn(*(part for part in re.split(r"[/?#=&]", ping)[3:] if len(part) >= LONG))
    learn(*(secret for source in sources for secret in assigned(source.of)))


def in_clear(section: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The settings of [tool.scorecard] that have a secret in the file itself, each with the
    variable of the environment that may have it instead; empty where none can."""
    facts, mail = _table(section, "facts"), _table(section, "mail")
    found = [
        ("ledger", f"{OURS}LEDGER", _in_address(section.get("ledger"))),
        ("facts.connect", f"{OURS}FACTS", _in_address(facts.get("connect"))),
        ("mail.password", f"{OURS}PDF", _of(mail.get("password"))),
        ("mail.bounces", f"{OURS}BOUNCES", _in_address(mail.get("bounces"))),
        ("mail.forms", f"{OURS}FORMS", _in_address(mail.get("forms"))),
        ("mail.ping", f"{OURS}PING", _in_path(mail.get("ping"))),
    ]
    for address, password in _table(mail, "passwords").items():
        name = re.sub(r"[^A-Z0-9]+", "_", str(address).partition("@")[0].upper()).strip("_")
        found.append((f'mail.passwords."{address}"', f"{OURS}PDF_{name}", _of(password)))
    for table, source in facts.items():
        query = source.get("sql") if isinstance(source, dict) else None
        found.append((f"facts.{table}", "", bool(assigned(query if type(query) is str else ""))))
    return tuple((setting, variable) for setting, variable, clear in found if clear)


def clear_findings(clear: Iterable[tuple[str, str]], file: str) -> Iterator[Finding]:
    """A note for each of them."""
    for setting, variable in clear:
        key = setting.partition(".")[2] or setting
        hint = (
            f'Write {key} = "${{{variable}}}", and set that variable in the environment.'
            if variable
            else "Let the database keep it, as in a view or a foreign server."
        )
        said = f"{setting} has a secret that whoever reads this file can read."
        yield Finding("settings.secret_in_clear", "note", file, said, hint)


def clear_in_text(text: str, file: str) -> Iterator[Finding]:
    """A note where an address with a password stands in another file of the project."""
    for line, said in enumerate(text.splitlines(), 1):
        if any(_in_address(url) for url in _ADDRESS.findall(said)):
            yield Finding(
                "settings.secret_in_clear",
                "note",
                f"{file}:{line}",
                "An address has a password that whoever reads this file can read.",
                "Leave it out; secrets are named in pyproject.toml, as ${NAME}.",
            )


def _table(section: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = section.get(name)
    return value if isinstance(value, dict) else {}


def _of(value: object) -> bool:
    """Whether something is left of a text but variables."""
    return isinstance(value, str) and bool(VARIABLE.sub("", value).strip())


def _in_address(value: object) -> bool:
    return isinstance(value, str) and any(map(_of, passwords_in(value)))


def _in_path(value: object) -> bool:
    """Whether an address has a path in which a secret lies, or a password."""
    if not isinstance(value, str):
        return False
    parts = re.split(r"[/?#=&]", value)[3:]
    return _in_address(value) or any(_of(part) and len(part) >= LONG for part in parts)
