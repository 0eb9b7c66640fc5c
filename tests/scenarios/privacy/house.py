"""A salon and a school kept as files, synced once, and the program's commands on the registry that came of it."""

import csv
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import Result

from tests.command_line import rekisteri

CONFIGURATION = """\
[timma]
inbox = "salon"
notes = true
[files.school]
inbox = "school"
processor = "course_reseller"
brand = "artsport"
[processing]
register = "processing.toml"
"""
CONTACT = "Testi Yhteyshenkilö, yhteys@example.com"
NOTE = "arka niska"
CUSTOMERS = (
    "Asiakasnumero", "Etunimi", "Sukunimi", "Puhelinnumero", "Sähköposti", "Osoite", "Postinumero",
    "Postitoimipaikka", "Lisätiedot", "Sähköpostimarkkinointi",
)  # fmt: skip
BOOKINGS = ("Varausnumero", "Asiakasnumero", "Asiakas", "Alkaa", "Palvelu", "Työntekijä", "Tila")
STUDENTS = ("Asiakasnumero", "Etunimi", "Sukunimi", "Sähköposti", "Puhelinnumero")

AINO = ("1", "Aino", "Malli", "0400 000 501", "Aino.Malli@example.com", "Mallikatu 1", "00100", "Helsinki", NOTE,
        "kyllä")  # fmt: skip
CHILD = ("2", "Otso", "Malli", "0400 000 501", "", "", "", "", "", "")
EERO = ("3", "Eero", "Esimerkki", "0400 000 502", "eero@example.com", "", "", "", NOTE, "kyllä")
SALON = (AINO, CHILD, EERO)
VISITS = (
    ("b1", "1", "Aino Malli", "2.3.2026 10.00", "Hieronta 60 min", "Testi Hieroja", "Toteutunut"),
    ("b2", "1", "Aino Malli", "9.3.2026 10.00", "Hieronta 60 min", "Testi Hieroja", "Ei saapunut"),
)
SCHOOL = (
    ("s1", "Aino", "Malli", "aino.malli@example.com", ""),
    ("s2", "Ilona", "Näyte", "ilona@example.com", ""),
)
"""Aino is a customer of both; her child shares her phone; Eero has the same note as she; nobody of these exists."""


@dataclass
class House:
    """A folder with a configuration and a registry, and the command line on it."""

    folder: Path

    def copy(self, to: Path) -> "House":
        """The same in another folder."""
        return House(Path(shutil.copytree(self.folder, to, dirs_exist_ok=True)))

    def save(self, name: str, headings: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> None:
        """Put an export file into an inbox."""
        with (self.folder / name).open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file, delimiter=";").writerows([headings, *rows])

    def salon(self, *rows: tuple[str, ...]) -> None:
        """A newer list of the salon's customers."""
        number = len(list((self.folder / "salon").iterdir()))
        self.save(f"salon/asiakkaat-{number}.csv", CUSTOMERS, rows)

    def run(self, *words: str, status: int = 0) -> Result:
        """`rekisteri WORDS`, which must end with this status and without a traceback."""
        done = rekisteri(["--config", str(self.folder / "rekisteri.toml"), *words])
        assert done.exit_code == status, done.output
        assert "nobody foresaw" not in done.stderr
        return done

    def json(self, *words: str) -> Any:
        """The document of a command that ended with 0."""
        return json.loads(self.run(*words, "--json").stdout)

    def refused(self, *words: str) -> str:
        """What is said of something that the registry does not do: one line, status 1."""
        done = self.run(*words, status=1)
        assert (done.stdout, done.stderr.count("\n")) == ("", 1)
        return done.stderr

    def show(self, customer: str) -> Any:
        """A customer as exported."""
        return self.json("customers", "show", customer)

    def sync(self) -> None:
        """What is new, and then all of it again."""
        self.run("sync")
        self.run("sync", "--full")

    def ask(self, type_: str, customer: str, *words: str, identified: bool = True) -> str:
        """Open a request; its id as it is typed. `identified`: identity was checked."""
        id_ = str(self.json("request", "open", "--type", type_, "--customer", customer, *words)["id"])
        if identified:
            self.run("request", "identify", id_, "--method", "passport shown")
        return id_

    def grant(self, customer: str, channel: str, brand: str) -> None:
        """A consent with evidence."""
        said = ("--channel", channel, "--state", "granted", "--brand", brand)
        self.run("consent", "record", customer, *said, "--method", "paper form", "--evidence", "folder 3, page 12")

    def listed(self, channel: str, brand: str) -> tuple[str, dict[str, int]]:
        """A marketing list: its text, and who was left out, by reason."""
        path = self.folder / "list.csv"
        words = ("marketing-list", "--channel", channel, "--brand", brand, "--output", str(path))
        found = self.json(*words)
        text = path.read_text("utf-8-sig")
        path.unlink()
        assert found["listed"] + sum(found["dropped"].values()) == found["customers"]
        return text, {reason: number for reason, number in found["dropped"].items() if number}


def build(folder: Path, register: str, further: str = "") -> House:
    """The house before anybody asked for anything. `further`: of its configuration."""
    house = House(folder)
    for name, text in (("rekisteri.toml", CONFIGURATION + further), ("processing.toml", register)):
        (folder / name).write_text(text, "utf-8")
        (folder / name).chmod(0o600)
    for inbox in ("salon", "school"):
        (folder / inbox).mkdir()
    house.salon(*SALON)
    house.save("salon/varaukset.csv", BOOKINGS, VISITS)
    house.save("school/osallistujat.csv", STUDENTS, SCHOOL)
    house.run("sync")
    return house
