"""`embedsvc key`."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from embedsvc.cli.app import app
from embedsvc.errors import InputError
from embedsvc.service.keys import Keyring


def test_the_key_is_what_its_line_says() -> None:
    ran = CliRunner().invoke(app, ["key", "ops", "--scope", "admin", "--until", "2999-01-31"])

    assert ran.exit_code == 0, ran.output
    secret, line = ran.stdout.strip(), ran.stderr.strip().splitlines()[-1]
    found = Keyring(line, None).find(secret.encode())
    assert found is not None
    assert (found.name, found.scope, str(found.last_day)) == ("ops", "admin", "2999-01-31")
    assert secret not in ran.stderr


@pytest.mark.parametrize(("arguments", "says"), [(["a b"], "NAME:SCOPE"), (["a", "--scope", "all"], "'all'")])
def test_what_is_no_name_or_scope_is_refused(arguments: list[str], says: str) -> None:
    ran = CliRunner().invoke(app, ["key", *arguments])

    assert isinstance(ran.exception, InputError)
    assert says in str(ran.exception)
