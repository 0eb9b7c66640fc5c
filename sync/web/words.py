"""What the page for people says, in English and Finnish. Of `one|many` the first part is said of one."""

from collections.abc import Mapping

from sync.health import FAIL, PASS, WARN, Reason
from sync.report import FAILED, OK, PARTIAL

ENGLISH, FINNISH = "en", "fi"

Words = Mapping[str, str]

WORDS: Mapping[str, Words] = {
    ENGLISH: {
        "title": "Customer registry",
        PASS: "All is well",
        WARN: "Something waits for you",
        FAIL: "This needs your attention",
        "looked": "As of {time}",
        "today": "today",
        "yesterday": "yesterday",
        "tomorrow": "tomorrow",
        "day": "{day} {month}",
        "at": "{day} at {hour}",
        "sources": "Sources",
        "data": "Data",
        "age": "{span} old",
        "no_age": "none yet",
        "last_run": "Last run",
        "next_run": "Next run",
        "none": "none yet",
        "running": "Reading now",
        "is_pass": "Up to date",
        "is_unknown": "Not known just now",
        Reason.HELD: "Held until it is mended",
        Reason.NEVER: "Not read yet",
        Reason.FAILING: "Being tried again",
        Reason.OLD: "Getting old",
        Reason.TOO_OLD: "Too old",
        "runs": "Last run|Last {number} runs",
        "all_ok": "well|all well",
        f"some_{OK}": "{number} well",
        f"some_{PARTIAL}": "{number} in part",
        f"some_{FAILED}": "{number} failed",
        "bar": "{time}: {outcome}, {seconds} s, {rows}",
        "rows": "1 row new or changed|{number} rows new or changed",
        OK: "well",
        PARTIAL: "in part",
        FAILED: "failed",
        "waits": "What waits",
        "quarantine": "row that could not be read|rows that could not be read",
        "review": "pair that may be one person|pairs that may be one person",
        "requests": "request about personal data to answer|requests about personal data to answer",
        "deliveries": "delivery on its way in|deliveries on their way in",
        "registry": "Registry",
        "customers": "customer|customers",
        "records": "record from the sources|records from the sources",
        "no_answer": "The database does not answer, so there is nothing more to show.",
        "no_source": "No source is configured yet.",
        "private": "Nothing on this page is about a person.",
        "machines": "For machines",
        "and": "and",
    },
    FINNISH: {
        "title": "Asiakasrekisteri",
        PASS: "Kaikki kunnossa",
        WARN: "Jokin odottaa sinua",
        FAIL: "Tämä vaatii huomiosi",
        "looked": "Katsottu {time}",
        "today": "tänään",
        "yesterday": "eilen",
        "tomorrow": "huomenna",
        "day": "{day}.{month}.",
        "at": "{day} klo {hour}",
        "sources": "Lähteet",
        "data": "Tiedot",
        "age": "{span} sitten",
        "no_age": "ei vielä",
        "last_run": "Viime haku",
        "next_run": "Seuraava haku",
        "none": "ei vielä",
        "running": "Haetaan nyt",
        "is_pass": "Ajan tasalla",
        "is_unknown": "Ei tiedossa juuri nyt",
        Reason.HELD: "Odottaa korjausta",
        Reason.NEVER: "Ei vielä haettu",
        Reason.FAILING: "Yritetään uudelleen",
        Reason.OLD: "Tiedot vanhenevat",
        Reason.TOO_OLD: "Tiedot liian vanhat",
        "runs": "Viime haku|Viimeiset {number} hakua",
        "all_ok": "onnistui|kaikki onnistuivat",
        f"some_{OK}": "{number} onnistui",
        f"some_{PARTIAL}": "{number} osin",
        f"some_{FAILED}": "{number} epäonnistui",
        "bar": "{time}: {outcome}, {seconds} s, {rows}",
        "rows": "1 uusi tai muuttunut rivi|{number} uutta tai muuttunutta riviä",
        OK: "onnistui",
        PARTIAL: "onnistui osin",
        FAILED: "epäonnistui",
        "waits": "Mikä odottaa",
        "quarantine": "rivi, jota ei voitu lukea|riviä, joita ei voitu lukea",
        "review": "pari, joka voi olla sama henkilö|paria, jotka voivat olla sama henkilö",
        "requests": "pyyntö henkilötiedoista vastattavana|pyyntöä henkilötiedoista vastattavana",
        "deliveries": "ilmoitus matkalla rekisteriin|ilmoitusta matkalla rekisteriin",
        "registry": "Rekisteri",
        "customers": "asiakas|asiakasta",
        "records": "tietue lähteistä|tietuetta lähteistä",
        "no_answer": "Tietokanta ei vastaa, joten muuta ei voi näyttää.",
        "no_source": "Yhtään lähdettä ei ole vielä määritelty.",
        "private": "Mikään tällä sivulla ei kerro kenestäkään henkilöstä.",
        "machines": "Koneille",
        "and": "ja",
    },
}

MONTHS: Mapping[str, tuple[str, ...]] = {
    ENGLISH: ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    FINNISH: tuple(str(number) for number in range(1, 13)),
}

SPANS: Mapping[str, tuple[str, str, str, str]] = {
    ENGLISH: ("1 day|{number} days", "1 hour|{number} hours", "1 minute|{number} minutes", "1 second|{number} seconds"),
    FINNISH: ("1 päivä|{number} päivää", "1 tunti|{number} tuntia", "1 minuutti|{number} minuuttia",
              "1 sekunti|{number} sekuntia"),
}  # fmt: skip
"""Days, hours, minutes, seconds."""

MATTERS: Mapping[str, Mapping[Reason, tuple[str, str]]] = {
    ENGLISH: {
        Reason.SILENT: (
            "The database does not answer.",
            "Look whether it runs, and whether its disk is full.",
        ),
        Reason.REFUSING: (
            "Nothing can be written to the database.",
            "Look whether its disk is full and whether its files may be written. Then all goes on by itself.",
        ),
        Reason.DEAD: (
            "A part of the daemon has ended: {subject}.",
            "Restart the daemon, and keep its last log lines: this should not happen.",
        ),
        Reason.HELD: (
            "The source {subject} is held until somebody mends it.",
            "`rekisteri status` says why. Mend it, then run `rekisteri sync {subject}`.",
        ),
        Reason.NEVER: (
            "The source {subject} was never read to its end.",
            "Run `rekisteri sync {subject}`; what it could not read, it names.",
        ),
        Reason.PENDING: (
            "Records have come in that are not in the registry yet.",
            "A run was cut; the next one goes on: `rekisteri sync`.",
        ),
        Reason.FAILING: (
            "The last runs of {subject} failed.",
            "It is tried again by itself. If it lasts, run `rekisteri check`.",
        ),
        Reason.OLD: (
            "The data of {subject} is older than twice its interval.",
            "Look whether a run takes very long, or run `rekisteri sync {subject}`.",
        ),
        Reason.TOO_OLD: (
            "The data of {subject} is too old.",
            "Run `rekisteri check`, then `rekisteri sync {subject}`.",
        ),
        Reason.QUARANTINE: (
            "1 row waits, because it could not be read.|{number} rows wait, because they could not be read.",
            "To be mended at the source; `rekisteri status` says what and why.",
        ),
        Reason.REVIEW: (
            "1 pair waits for your decision.|{number} pairs wait for your decision.",
            "Decide with `rekisteri review list`.",
        ),
        Reason.OVERDUE: (
            "1 request about personal data is past its due date.|"
            "{number} requests about personal data are past their due date.",
            "Answer what is due; `rekisteri request list` says which.",
        ),
        Reason.NO_BACKUP: (
            "There is no backup of the registry yet.",
            "Make one with `rekisteri backup`.",
        ),
        Reason.OLD_BACKUP: (
            "The newest backup is {span} old.",
            "Make one with `rekisteri backup`, and look why the last ones were not made.",
        ),
        Reason.REVIEW_DUE: (
            "1 of your {subject}s is to be looked at again.|{number} of your {subject}s are to be looked at again.",
            "`rekisteri {subject} list` says which. Look at them, and say when again.",
        ),
        Reason.BREACH: (
            "1 breach of personal data has still to be told.|{number} breaches of personal data have still to be told.",
            "`rekisteri breach list` says to whom, and by when.",
        ),
        Reason.BREACH_LATE: (
            "1 breach of personal data should have been told.|"
            "{number} breaches of personal data should have been told.",
            "Tell it today, and why it is late; `rekisteri breach list` says which.",
        ),
        Reason.FINDINGS: (
            "1 finding about the privacy notice is open.|{number} findings about the privacy notice are open.",
            "Mend or answer each; `rekisteri notice check` lists them.",
        ),
        Reason.UNTOLD: (
            "1 person should have been told that their data came from others.|"
            "{number} people should have been told that their data came from others.",
            "Tell them today; `rekisteri indirect list --due` says whom.",
        ),
        Reason.WAITING: (
            "Deliveries have waited for {span} to be processed.",
            "Look at the daemon's log: it has the reason.",
        ),
        Reason.GIVEN_UP: (
            "1 delivery could not be processed.|{number} deliveries could not be processed.",
            "There is nothing to do if the next run goes well: it brings the same data.",
        ),
    },
    FINNISH: {
        Reason.SILENT: (
            "Tietokanta ei vastaa.",
            "Katso, onko se käynnissä ja onko levyllä tilaa.",
        ),
        Reason.REFUSING: (
            "Tietokantaan ei voi kirjoittaa.",
            "Katso, onko levyllä tilaa ja saako tiedostoihin kirjoittaa. Kaikki jatkuu sitten itsestään.",
        ),
        Reason.DEAD: (
            "Palvelun osa on pysähtynyt: {subject}.",
            "Käynnistä palvelu uudelleen ja säilytä lokin viimeiset rivit: näin ei pitäisi käydä.",
        ),
        Reason.HELD: (
            "Lähde {subject} odottaa korjausta.",
            "`rekisteri status` kertoo syyn. Korjaa se ja aja `rekisteri sync {subject}`.",
        ),
        Reason.NEVER: (
            "Lähdettä {subject} ei ole vielä luettu loppuun.",
            "Aja `rekisteri sync {subject}`; se kertoo, mitä se ei voinut lukea.",
        ),
        Reason.PENDING: (
            "Tietueita on haettu, mutta ne eivät ole vielä rekisterissä.",
            "Haku katkesi; seuraava jatkaa: `rekisteri sync`.",
        ),
        Reason.FAILING: (
            "Lähteen {subject} viime haut epäonnistuivat.",
            "Haku yritetään itsestään uudelleen. Jos vika jatkuu, aja `rekisteri check`.",
        ),
        Reason.OLD: (
            "Lähteen {subject} tiedot ovat yli kahden hakuvälin ikäiset.",
            "Katso, kestääkö haku hyvin kauan, tai aja `rekisteri sync {subject}`.",
        ),
        Reason.TOO_OLD: (
            "Lähteen {subject} tiedot ovat liian vanhat.",
            "Aja `rekisteri check` ja sitten `rekisteri sync {subject}`.",
        ),
        Reason.QUARANTINE: (
            "1 rivi odottaa, koska sitä ei voitu lukea.|{number} riviä odottaa, koska niitä ei voitu lukea.",
            "Korjaa ne lähteessä; `rekisteri status` kertoo, mitkä ja miksi.",
        ),
        Reason.REVIEW: (
            "1 pari odottaa päätöstäsi.|{number} paria odottaa päätöstäsi.",
            "Päätä komennolla `rekisteri review list`.",
        ),
        Reason.OVERDUE: (
            "1 pyyntö henkilötiedoista on myöhässä.|{number} pyyntöä henkilötiedoista on myöhässä.",
            "Vastaa myöhässä oleviin; `rekisteri request list` kertoo, mitkä ne ovat.",
        ),
        Reason.NO_BACKUP: (
            "Rekisteristä ei ole vielä varmuuskopiota.",
            "Tee sellainen komennolla `rekisteri backup`.",
        ),
        Reason.OLD_BACKUP: (
            "Uusimman varmuuskopion ikä: {span}.",
            "Tee uusi komennolla `rekisteri backup` ja katso, miksi viimeisimmät jäivät tekemättä.",
        ),
        Reason.REVIEW_DUE: (
            "1 tarkistus on ajankohtainen.|{number} tarkistusta on ajankohtaisia.",
            "`rekisteri {subject} list` kertoo, mitkä. Käy ne läpi ja merkitse seuraava päivä.",
        ),
        Reason.BREACH: (
            "1 tietoturvaloukkauksesta on vielä ilmoitettava.|{number} tietoturvaloukkauksesta on vielä ilmoitettava.",
            "`rekisteri breach list` kertoo, kenelle ja mihin mennessä.",
        ),
        Reason.BREACH_LATE: (
            "1 tietoturvaloukkauksen ilmoitus on myöhässä.|{number} tietoturvaloukkauksen ilmoitus on myöhässä.",
            "Ilmoita tänään ja kerro, miksi se on myöhässä; `rekisteri breach list` kertoo, mistä.",
        ),
        Reason.FINDINGS: (
            "1 havainto tietosuojaselosteesta on avoinna.|{number} havaintoa tietosuojaselosteesta on avoinna.",
            "Korjaa tai vastaa kuhunkin; `rekisteri notice check` luettelee ne.",
        ),
        Reason.UNTOLD: (
            "1 henkilölle olisi pitänyt kertoa, että hänen tietonsa tulivat muualta.|"
            "{number} henkilölle olisi pitänyt kertoa, että heidän tietonsa tulivat muualta.",
            "Kerro heille tänään; `rekisteri indirect list --due` kertoo, keille.",
        ),
        Reason.WAITING: (
            "Ilmoitukset ovat odottaneet käsittelyä: {span}.",
            "Katso palvelun lokia: se kertoo syyn.",
        ),
        Reason.GIVEN_UP: (
            "1 ilmoitusta ei voitu käsitellä.|{number} ilmoitusta ei voitu käsitellä.",
            "Mitään ei tarvitse tehdä, jos seuraava haku onnistuu: se tuo samat tiedot.",
        ),
    },
}
"""What is the matter, and what to do."""


def language_of(accepted: str) -> str:
    """`fi` where a browser's `Accept-Language` (RFC 9110, 12.5.4) likes it better than English, else `en`."""
    likes = {ENGLISH: 0.0, FINNISH: 0.0}
    for part in accepted.split(",")[:50]:
        tag, _, rest = part.partition(";")
        language = tag.strip().lower().partition("-")[0]
        if language in likes:
            likes[language] = max(likes[language], _quality(rest))
    return FINNISH if likes[FINNISH] > likes[ENGLISH] else ENGLISH


def _quality(text: str) -> float:
    name, _, value = text.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
