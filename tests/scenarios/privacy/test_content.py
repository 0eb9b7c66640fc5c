"""What the notice says the registry holds of a person."""

from tests.scenarios.privacy.house import AINO, NOTE, SALON, House


def test_r19_names_phones_and_addresses_are_kept_each_with_its_record(house: House) -> None:
    aino = house.show("timma:1")
    assert (aino["name"], aino["emails"], aino["phones"]) == (
        "Aino Malli", ["Aino.Malli@example.com"], ["+358400000501"],
    )  # fmt: skip
    records = {(record["source"], record["external_id"]) for record in aino["records"]}
    assert records == {("timma", "1"), ("school", "s1")}, "two spellings of one address are one person's"
    for field in ("name", "emails", "phones"):
        assert {(value["source"], value["external_id"]) for value in aino["fields"][field]} == {("timma", "1")}


def test_r20_free_text_is_hidden_and_reaches_no_list(house: House) -> None:
    for customer in ("timma:1", "timma:3"):
        assert NOTE not in house.run("customers", "show", customer).stdout
        assert NOTE in house.run("customers", "show", customer, "--with-notes").stdout
        house.grant(customer, "email", "hieromo")
    assert house.json("customers", "find", NOTE)["customers"] == []
    assert house.json("review", "list")["pairs"] == [], "that two have the same note ties nobody"
    house.run("customers", "export", "--output", str(house.folder / "all.jsonl"))
    assert NOTE not in (house.folder / "all.jsonl").read_text("utf-8")
    text, _ = house.listed("email", "hieromo")
    assert "eero@example.com" in text
    assert NOTE not in text


def test_r24_a_postal_address_may_be_missing(house: House) -> None:
    assert house.show("timma:1")["address"] == "Mallikatu 1, 00100 Helsinki"
    assert house.show("timma:3")["address"] is None
    assert "Address" not in house.run("customers", "show", "timma:3").stdout
    house.salon(("1", *AINO[1:5], "", "", "", *AINO[8:]), *SALON[1:])
    house.sync()
    assert house.show("timma:1")["address"] is None
