"""Every record says who handled it and where it came from, in the words of the register that was in force."""

from pathlib import Path
from typing import Any

from config.register import SHIPPED, load_register
from connectors.timma.sandbox import export_files
from store.tables import Origin, table
from tests.scenarios.world import World, people

RECORD = {
    "source", "stream", "external_id", "controller", "processor", "processor_id", "role_stated", "role_assessed",
    "legal_basis", "purpose", "data_categories", "collected_from", "brand", "transfer", "notice_version",
    "retrieved_from", "retrieved_at", "first_seen_at", "run_id", "payload_sha256", "link",
}  # fmt: skip
TRANSFER = {
    "origin_country", "storage_country", "direction", "exporter", "importer", "mechanism_stated",
    "mechanism_assessed", "instrument",
}  # fmt: skip
CUSTOMER = {
    "id", "name", "first_name", "last_name", "emails", "phones", "address", "marketing", "no_show_count",
    "regular_employee", "discounts", "brands", "objections", "restricted", "created_at", "updated_at", "fields",
    "records", "bookings", "enrollments", "orders",
}  # fmt: skip
ACTIVITIES = {"timma": "bookings", "thinkific": "online_courses"}


def test_no_row_is_without_an_origin_and_no_origin_has_a_hole(any_world: World) -> None:
    any_world.run()
    kinds = dict(any_world.ask("SELECT kind, count(*) FROM source_record GROUP BY kind"))
    assert all(kinds[kind] for kind in ("customer", "booking", "enrollment", "order", "course"))
    columns = ", ".join(f"o.{column.name}" for column in table(Origin).columns)
    rows = any_world.ask(f"SELECT r.kind, {columns} FROM source_record r LEFT JOIN origin o ON o.id = r.origin_id")
    assert len(rows) == sum(kinds.values())
    assert not [row for row in rows if any(value is None or value in ("", "[]") for value in row)]
    mixed = "SELECT count(*) FROM source_record r JOIN origin o ON o.id = r.origin_id WHERE o.source <> r.source"
    assert any_world.ask(f"{mixed} OR o.kind <> r.kind") == [(0,)]


def origin_of(source: str) -> dict[str, Any]:
    """What the shipped register says of customers of a source, as an export shows it."""
    said = load_register(None).origin(source, ACTIVITIES[source], "customer").model_dump(mode="json")
    return {
        **{name: said[name] for name in RECORD & said.keys()},
        "transfer": {name: said[name] for name in TRANSFER},
    }


def test_an_export_has_the_shape_of_the_contract_and_the_values_of_the_register(any_world: World) -> None:
    report = any_world.run()
    customers = any_world.customers()
    assert all(customer.keys() == CUSTOMER for customer in customers)
    records = [record for customer in customers for record in customer["records"]]
    assert {record["source"] for record in records} == {"timma", "thinkific"}
    for record in records:
        assert record.keys() == RECORD
        assert record["transfer"].keys() == TRANSFER
        expected = origin_of(record["source"])
        assert {name: record[name] for name in expected} == expected
        assert record["brand"] == {"timma": "hieromo", "thinkific": "artsport"}[record["source"]]
        assert record["run_id"] == report["run_id"]
        assert record["retrieved_from"] == f"GET /{record['stream']}"
        assert None not in (*record.values(), *record["transfer"].values(), *record["link"].values())
    school = next(record for record in records if record["source"] == "thinkific")
    assert (school["processor"], school["transfer"]["origin_country"], school["transfer"]["storage_country"]) == (
        "Thinkific Labs Inc.",
        "CA",
        "US",
    )


def test_a_golden_value_names_a_record_of_its_own_customer(world: World) -> None:
    world.run()
    for customer in world.customers():
        own = {(record["source"], record["external_id"]) for record in customer["records"]}
        entries = [entry for values in customer["fields"].values() for entry in values]
        assert entries
        assert {(entry["source"], entry["external_id"]) for entry in entries} <= own
        assert all(entry["rule"] and entry["observed_at"] for entry in entries)


def test_a_record_from_a_file_names_the_file(world: World) -> None:
    export_files(people(), world.by_files())
    world.run("timma")
    assert {record["retrieved_from"] for c in world.customers() for record in c["records"]} == {"asiakkaat.csv"}


def edited(folder: Path, old: str, new: str) -> Path:
    text = SHIPPED.read_text("utf-8")
    assert old in text
    path = folder / "processing.toml"
    path.write_text(text.replace(old, new), "utf-8")
    return path


def test_an_edited_register_is_a_new_version_that_only_new_retrievals_point_to(any_world: World) -> None:
    any_world.run()
    path = edited(any_world.folder, 'instrument = "unknown"', 'instrument = "eu-gdpr:A46-2-c"')
    any_world.configure("processing", register=str(path))
    unchanged = any_world.run()
    assert unchanged["outcome"] == "ok"
    assert {_instrument(record) for record in _school(any_world)} == {"unknown"}
    changed = any_world.thinkific.population.accounts[0]
    any_world.thinkific.edit(changed.id, last_name="Uusinen")
    any_world.run()
    by_instrument = {_instrument(record): record for record in _school(any_world)}
    assert by_instrument.keys() == {"unknown", "eu-gdpr:A46-2-c"}
    assert by_instrument["eu-gdpr:A46-2-c"]["external_id"] == str(changed.id)
    assert len(any_world.ask("SELECT * FROM register_version")) == 2
    digests = {row[0] for row in any_world.ask("SELECT sha256 FROM register_version")}
    assert digests == {load_register(None).digest, load_register(path).digest}
    any_world.run(full=True)
    assert len([record for record in _school(any_world) if _instrument(record) != "unknown"]) == 1


def _instrument(record: dict[str, Any]) -> str:
    return str(record["transfer"]["instrument"])


def _school(world: World) -> list[dict[str, Any]]:
    return [r for customer in world.customers() for r in customer["records"] if r["source"] == "thinkific"]
