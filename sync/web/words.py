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
        "looked": "Looked at {time}",
        "sources": "Sources",
        "data": "Data",
        "age": "{span} old",
        "no_age": "none yet",
        "last_run": "Last run",
        "next_run": "Next run",
        "running": "reading now",
        "none": "none",
        "runs": "Last runs, {number}: {ok} well, {partial} in part, {failed} failed",
        "bar": "{time}: {outcome}, {seconds} s, {news} rows new or changed",
        OK: "well",
        PARTIAL: "in part",
        FAILED: "failed",
        "is_pass": "up to date",
        "is_warn": "look at it",
        "is_fail": "does not come through",
        "waits": "What waits",
        "quarantine": "row that could not be read|rows that could not be read",
        "review": "pair that may be one person|pairs that may be one person",
        "deliveries": "delivery on its way in|deliveries on their way in",
        "registry": "Registry",
        "customers": "customer|customers",
        "records": "record|records",
        "no_answer": "The database does not answer.",
        "no_source": "No source is configured yet.",
        "machines": "For machines",
        "and": "and",
    },
    FINNISH: {
        "title": "Asiakasrekisteri",
        PASS: "Kaikki kunnossa",
        WARN: "Jokin odottaa sinua",
        FAIL: "Tämä vaatii huomiosi",
        "looked": "Katsottu {time}",
        "sources": "Lähteet",
        "data": "Tiedot",
        "age": "{span} vanhat",
        "no_age": "ei vielä",
        "last_run": "Viime haku",
        "next_run": "Seuraava haku",
        "running": "haetaan nyt",
        "none": "ei",
        "runs": "Viimeiset haut, {number}: onnistui {ok}, osin {partial}, epäonnistui {failed}",
        "bar": "{time}: {outcome}, {seconds} s, uusia tai muuttuneita rivejä {news}",
        OK: "onnistui",
        PARTIAL: "onnistui osin",
        FAILED: "epäonnistui",
        "is_pass": "ajan tasalla",
        "is_warn": "katso tätä",
        "is_fail": "ei toimi",
        "waits": "Mikä odottaa",
        "quarantine": "rivi, jota ei voitu lukea|riviä, joita ei voitu lukea",
        "review": "pari, joka voi olla sama henkilö|paria, jotka voivat olla sama henkilö",
        "deliveries": "ilmoitus matkalla rekisteriin|ilmoitusta matkalla rekisteriin",
        "registry": "Rekisteri",
        "customers": "asiakas|asiakasta",
        "records": "tietue|tietuetta",
        "no_answer": "Tietokanta ei vastaa.",
        "no_source": "Yhtään lähdettä ei ole vielä määritelty.",
        "machines": "Koneille",
        "and": "ja",
    },
}

SPANS: Mapping[str, tuple[str, str, str, str]] = {
    ENGLISH: ("s", "min", "h", "days"),
    FINNISH: ("s", "min", "h", "vrk"),
}

MATTERS: Mapping[Reason, tuple[str, str]] = {
    Reason.SILENT: (
        "Tietokanta ei ole vastannut {value} sekuntiin.",
        "Katso, onko tietokanta käynnissä ja onko levyllä tilaa.",
    ),
    Reason.DEAD: (
        "Palvelun osa on pysähtynyt: {subject}.",
        "Käynnistä palvelu uudelleen ja säilytä lokin viimeiset rivit.",
    ),
    Reason.HELD: (
        "Lähde {subject} odottaa korjausta.",
        "Komento `rekisteri status` kertoo syyn. Korjaa se, ja aja `rekisteri sync {subject}`.",
    ),
    Reason.NEVER: (
        "Lähdettä {subject} ei ole vielä luettu loppuun.",
        "Aja `rekisteri check` ja `rekisteri sync {subject}`.",
    ),
    Reason.FAILING: (
        "Lähteen {subject} viime haut epäonnistuivat.",
        "Haku yritetään itsestään uudelleen. Jos vika jatkuu, aja `rekisteri check`.",
    ),
    Reason.OLD: (
        "Lähteen {subject} tiedot ovat vanhemmat kuin kaksi hakuväliä.",
        "Katso, onko palvelu käynnissä, ja aja `rekisteri sync {subject}`.",
    ),
    Reason.TOO_OLD: (
        "Lähteen {subject} tiedot ovat liian vanhat.",
        "Aja `rekisteri check` ja `rekisteri sync {subject}`.",
    ),
    Reason.QUARANTINE: (
        "Rivejä, joita ei voitu lukea: {value}.",
        "Korjaa ne lähteessä; `rekisteri status` kertoo, mitkä ja miksi.",
    ),
    Reason.REVIEW: ("Pareja, jotka odottavat päätöstäsi: {value}.", "Päätä komennolla `rekisteri review list`."),
    Reason.WAITING: (
        "Ilmoitukset ovat odottaneet käsittelyä {value} sekuntia.",
        "Katso palvelun lokia: ehkä tietokanta ei ota niitä vastaan.",
    ),
    Reason.GIVEN_UP: (
        "Ilmoituksia, joita ei voitu käsitellä: {value}.",
        "Ei mitään, jos seuraava haku onnistuu: se tuo samat tiedot.",
    ),
}
"""In Finnish: what is the matter, and what to do. The English ones are those of `sync.health`."""


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
