"""Writes a made-up salon's own export files, as a Finnish program on Windows writes them.

No real export was ever seen: headings follow ordinary Finnish usage. Dates are `d.m.yyyy`, times Helsinki's `14.30`,
money has a decimal comma, lines end in CRLF, notes may hold line breaks, and a phone may begin with `+`.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

from config.place import HELSINKI
from connectors.sandbox import words
from connectors.sandbox.made import Booking, Client
from connectors.sandbox.making import NO_SHOW
from connectors.sandbox.people import Population
from connectors.timma.sandbox_wire import client as client_fields

CLIENT_HEADINGS = (
    "Asiakasnumero", "Nimi", "Etunimi", "Sukunimi", "Puhelinnumero", "Sähköposti", "Osoite", "Postinumero",
    "Postitoimipaikka", "Lisätiedot", "Sähköpostimarkkinointi", "Tekstiviestimarkkinointi", "Käyntikerrat",
    "Saapumatta jättämiset", "Kanta-asiakkaan työntekijä", "Alennukset",
)  # fmt: skip
BOOKING_HEADINGS = (
    "Varausnumero", "Asiakas", "Puhelinnumero", "Sähköposti", "Työntekijä", "Päivämäärä", "Kello", "Kesto (min)",
    "Palvelu", "Hinta (€)", "Maksettu", "Varattu", "Peruttu", "Poiston syy", "Tila",
)  # fmt: skip

What = Literal["customers", "bookings"]
Encoding = Literal["utf-8-sig", "utf-8", "cp1252", "utf-16"]


def export_files(
    population: Population,
    folder: Path,
    *,
    encoding: Encoding = "utf-8-sig",
    delimiter: str = ";",
    what: Sequence[What] = ("customers", "bookings"),
    ids: bool = True,
    form: Literal["csv", "xlsx"] = "csv",
) -> list[Path]:
    """Write `asiakkaat` and `varaukset` into the folder and give their paths.

    Without `ids` the two id columns are left out. Removed clients are not in the salon's own list. The form `xlsx`
    needs openpyxl (`ImportError` without it); dates and numbers are cells of their own kind there.
    """
    tables = {
        "customers": ("asiakkaat", CLIENT_HEADINGS, _clients),
        "bookings": ("varaukset", BOOKING_HEADINGS, _bookings),
    }
    written = []
    for one in what:
        name, headings, rows = tables[one]
        first = 0 if ids else 1
        path = folder / f"{name}.{form}"
        table = (row[first:] for row in (headings, *rows(population, form == "csv")))
        if form == "csv":
            _write_csv(path, table, encoding, delimiter)
        else:
            _write_xlsx(path, table)
        written.append(path)
    return written


Cell = str | int | float | datetime | None


def _write_csv(path: Path, table: Iterable[Sequence[Cell]], encoding: str, delimiter: str) -> None:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter, lineterminator="\r\n").writerows(table)


def _write_xlsx(path: Path, table: Iterable[Sequence[Cell]]) -> None:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Taulukko1")
    for row in table:
        cells = [WriteOnlyCell(sheet, value) for value in row]
        for cell in cells:
            if cell.data_type == "f":
                cell.data_type = "s"  # a note that begins with "=" is text
        sheet.append(cells)
    book.save(path)


def _yes_no(flag: bool | None) -> str:
    return {True: "Kyllä", False: "Ei", None: ""}[flag]


def _clients(population: Population, as_text: bool) -> Iterator[Sequence[Cell]]:
    for row in population.clients:
        if row.deleted_on is None:
            yield _client(row, as_text)


def _client(row: Client, as_text: bool) -> Sequence[Cell]:
    first, last = row.first_name, row.last_name
    return (
        row.id, row.name, first, last, client_fields(row)["phone"], row.email,
        row.street, row.postal_code, row.city, row.notes,
        _yes_no(row.email_marketing), _yes_no(row.sms_marketing),
        _number(row.visits, as_text), _number(row.no_shows, as_text),
        words.EMPLOYEES[row.employee] if row.employee is not None else None,
        f"{row.discount} %" if row.discount else None,
    )  # fmt: skip


def _number(value: int, as_text: bool) -> Cell:
    return str(value) if as_text else value


def _money(cents: int, as_text: bool) -> Cell:
    return f"{cents // 100},{cents % 100:02d}" if as_text else cents / 100


def _day(ms: int | None, as_text: bool, *, with_time: bool) -> Cell:
    """A time in Helsinki: text as people write it, or a cell of a spreadsheet (which knows no zones)."""
    if ms is None:
        return None
    local = datetime.fromtimestamp(ms / 1000, HELSINKI).replace(tzinfo=None, microsecond=0)
    if not as_text:
        return local if with_time else local.replace(hour=0, minute=0, second=0)
    day = f"{local.day}.{local.month}.{local.year}"
    return f"{day} {local.hour}.{local.minute:02d}" if with_time else day


def _clock(ms: int) -> str:
    local = datetime.fromtimestamp(ms / 1000, HELSINKI)
    return f"{local.hour}.{local.minute:02d}"


def _bookings(population: Population, as_text: bool) -> Iterator[Sequence[Cell]]:
    clients = {row.id: row for row in population.clients}
    for row in population.bookings:
        client = clients.get(row.client_id or "")
        if client is not None and row.service is not None:
            yield _booking(row, client, row.service, as_text)


def _booking(row: Booking, client: Client, service: int, as_text: bool) -> Sequence[Cell]:
    name, minutes, price = words.SERVICES[service]
    return (
        row.id, client.name, client_fields(client)["phone"], client.email, words.EMPLOYEES[row.employee],
        _day(row.starts_at, as_text, with_time=False), _clock(row.starts_at), _number(minutes, as_text), name,
        _money(price, as_text), _money(row.paid_cents, as_text) if row.paid_cents else None,
        _day(row.created_at, as_text, with_time=True), _day(row.deleted_on, as_text, with_time=True),
        row.reason, _state(row),
    )  # fmt: skip


def _state(row: Booking) -> str:
    """The word of the state column."""
    if row.reason == NO_SHOW:
        return "Ei saapunut"
    if row.deleted_on is not None:
        return "Peruttu"
    return {"sold": "Toteutunut", "payment": "Odottaa maksua"}.get(row.status, "Varattu")
