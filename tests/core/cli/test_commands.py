"""The commands on a database that another process serves from."""

from __future__ import annotations

import http.client
import json
from pathlib import Path

import pytest

from tests.core.cli.lodge import Cli
from tests.core.tenancy.packs import TEXT

WITHOUT_RECEPTION = TEXT.replace(
    '[[sites.subscriptions]]\nplugin = "reception"\nfrom = 2026-01-01\nto = 2026-12-31\n', ""
)


@pytest.fixture(autouse=True)
def _serving(greeting: list[str]) -> None:
    """All of these join the embedded server of `lodge serve`."""


@pytest.fixture(scope="module")
def pack(cli: Cli, greeting: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company whose first site has the same slug as one of the demo's, applied."""
    file = tmp_path_factory.mktemp("pack") / "acme.toml"
    file.write_text(WITHOUT_RECEPTION.replace('"park"', '"cuihu"'))
    applied = cli("tenants", "apply", file)
    assert (applied.code, applied.err) == (0, "")
    assert applied.out.splitlines()[-1] == f"{file}: 8 changes"
    return file


def test_serving_a_demo_tells_the_address_and_who_may_sign_in(cli: Cli, greeting: list[str]) -> None:
    assert greeting[0] == f"Lodge serves at http://127.0.0.1:{cli.port}/\n"
    assert greeting[1].split() == ["company", "login", "password", "role"]
    rows = [line.split(maxsplit=3) for line in greeting[2:]]
    assert ["邻里物业", "chenxiao", "linli-demo-2026", "Front-desk clerk\n"] in rows
    assert {company for company, *_ in rows} == {"邻里物业", "云帆物业服务"}


def test_it_serves_once_it_says_so(cli: Cli) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", cli.port, timeout=10)
    connection.request("GET", "/")
    assert connection.getresponse().status < 400
    connection.close()


def test_a_port_that_is_taken_is_told_in_one_line(cli: Cli) -> None:
    refused = cli("serve")
    assert (refused.code, refused.out) == (2, "")
    line = f"lodge: cannot listen at 127.0.0.1:{cli.port} (Address already in use); set LODGE_HOST or LODGE_PORT\n"
    assert refused.err == line


def test_sites_are_listed_with_their_company(cli: Cli, pack: Path) -> None:
    listed = cli("sites").out.splitlines()
    assert [line.split()[:2] for line in listed] == [
        ["acme", "cuihu"],
        ["acme", "tower"],
        ["linli", "cuihu"],
        ["linli", "xinghe"],
        ["yunfan", "haiyue"],
    ]
    (site,) = json.loads(cli("sites", "--json", "--company", "yunfan").out)
    assert (site["company"], site["site"], site["name"], site["kind"]) == ("yunfan", "haiyue", "海悦湾", "mixed")


def test_the_database_is_brought_up_to_date(cli: Cli) -> None:
    migrated = cli("migrate")
    assert (migrated.code, migrated.out, migrated.err) == (0, "The database is up to date.\n", "")


def test_plugins_are_listed_with_what_keeps_one_from_running(cli: Cli) -> None:
    listed = cli("plugins", "list", "--json", LODGE_PLUGINS="nobody")
    (plugin,) = json.loads(listed.out)
    assert plugin["id"] == "nobody"
    assert plugin["state"].startswith("refused (installed): ")


def test_the_audit_log_is_proven_against_its_anchors(cli: Cli, tmp_path: Path) -> None:
    proven = cli("audit", "verify", "--company", "yunfan", "--json")
    assert (proven.code, proven.err) == (0, "")
    (checked,) = json.loads(proven.out)
    assert checked["verdict"]["entries"] > 0 and checked["verdict"]["fault"] is None
    anchor = {"company": checked["company_id"], "seq": 1_000_000, "hash": "00" * 32, "at": "2026-11-22T00:00:00Z"}
    (tmp_path / "2026-11-22.jsonl").write_text(json.dumps(anchor) + "\n")
    broken = cli("audit", "verify", "--company", "yunfan", "--anchors", tmp_path)
    assert broken.code == 1
    assert broken.out.startswith("yunfan: BROKEN: the end of the chain was cut off, or an older database was put in")


def test_a_pack_is_shown_before_it_is_applied_and_then_changes_nothing(cli: Cli, pack: Path) -> None:
    changed = pack.with_name("changed.toml")
    changed.write_text(pack.read_text().replace('name = "Tower"', 'name = "Spire"'))
    shown = cli("tenants", "apply", "--dry-run", changed)
    assert shown.out.splitlines() == ["~ site tower name: Tower -> Spire", f"{changed}: 1 change (dry run)"]
    assert cli("tenants", "apply", pack).out == f"{pack}: no changes\n"


def test_a_mistake_in_a_pack_ends_in_a_line_that_names_file_and_key(cli: Cli, pack: Path) -> None:
    wrong = pack.with_name("wrong.toml")
    wrong.write_text(pack.read_text().replace('"cashier"', '"chashier"'))
    refused = cli("tenants", "apply", wrong)
    assert (refused.code, refused.out) == (2, "")
    assert refused.err == (
        f"lodge: {wrong}: people[0].roles[1]: there is no role 'chashier'; use one such as cashier\n"
    )


def test_a_roll_is_imported_and_imported_again_without_a_difference(cli: Cli, pack: Path, roll: Path) -> None:
    expected = json.loads(roll.with_name("roll-cuihu.expected.json").read_text())
    imported = cli("import", "roll", roll, "--company", "acme", "--site", "cuihu", "--json")
    assert (imported.code, imported.err, json.loads(imported.out)) == (0, "", expected)
    again = cli("import", "roll", roll, "--company", "acme", "--site", "cuihu")
    assert again.out.splitlines()[-1].startswith("units new: 0, units changed: 0, units unchanged: 1065")


REFUSED = {
    "a slug of two companies": (
        ["--site", "cuihu"],
        2,
        "lodge: site 'cuihu' is there in several companies (acme, linli); name one with --company\n",
    ),
    "a site that is not there": (
        ["--site", "nowhere"],
        2,
        "lodge: there is no site 'nowhere'; there are: acme/cuihu, ",
    ),
    "a site of another company": (
        ["--site", "haiyue", "--company", "linli"],
        2,
        "lodge: there is no site 'haiyue' in company 'linli'; there are: ",
    ),
}


@pytest.mark.parametrize(("where", "code", "line"), REFUSED.values(), ids=REFUSED)
def test_a_roll_for_a_site_that_is_not_clear_is_refused(
    cli: Cli, pack: Path, roll: Path, where: list[str], code: int, line: str
) -> None:
    refused = cli("import", "roll", roll, *where)
    assert (refused.code, refused.out, refused.err.count("\n")) == (code, "", 1)
    assert refused.err.startswith(line)


def test_a_file_that_is_no_roll_is_refused_with_a_code_of_its_own(cli: Cli, pack: Path) -> None:
    refused = cli("import", "roll", pack, "--site", "haiyue")
    assert (refused.code, refused.out, refused.err.count("\n")) == (1, "", 1)
    assert refused.err.startswith("lodge: This is not an Excel workbook.")
