"""The headings that Finnish programs write over customers and bookings, by field. Data, no code.

The first heading of a field is the expected one. English wire names stand beside them, since the programs exist in
several languages. Matching (case, spaces, units, folded letters) is `headings`'s business. Unmatched headings go to
the report, and the owner's configuration (`columns.FIELD = "heading"`) comes before these lists.
"""

from collections.abc import Mapping

_PHONE = ("Puhelinnumero", "Puhelin", "Puh.", "Puh", "Puhelinnro", "Matkapuhelin", "Gsm")
_EMAIL = ("Sähköposti", "Sähköpostiosoite", "E-mail", "Email")

CUSTOMER: Mapping[str, tuple[str, ...]] = {
    "source_id": (
        "Asiakasnumero",
        "Asiakas-ID",
        "ID",
        "Tunniste",
        "Asiakastunnus",
        "Asiakasnro",
        "Customer ID",
        "clientId",
    ),
    "full_name": ("Nimi", "Asiakas", "Asiakkaan nimi", "Koko nimi", "name", "Full name", "Customer name", "clientName"),
    "first_name": ("Etunimi", "Etunimet", "First name", "firstName"),
    "last_name": ("Sukunimi", "Last name", "lastName", "Surname"),
    "phone": (*_PHONE, "phone", "Phone number", "Mobile"),
    "email": (*_EMAIL, "Email address", "S-posti"),
    "street": ("Osoite", "Katuosoite", "Lähiosoite", "address", "Street", "Street address"),
    "postal_code": ("Postinumero", "Postinro", "postalCode", "Postal code", "Zip"),
    "city": ("Postitoimipaikka", "Kaupunki", "Paikkakunta", "city"),
    "country": ("Maa", "country"),
    "notes": ("Lisätiedot", "Lisätieto", "Muistiinpanot", "Huomiot", "Kommentti", "info", "Notes"),
    "email_marketing": (
        "Sähköpostimarkkinointi",
        "Sähköpostimarkkinointilupa",
        "Sallii sähköpostimarkkinoinnin",
        "acceptEmailMarketing",
        "Email marketing",
    ),
    "sms_marketing": (
        "Tekstiviestimarkkinointi",
        "Tekstiviestimarkkinointilupa",
        "SMS-markkinointi",
        "Sallii tekstiviestimarkkinoinnin",
        "acceptSmsMarketing",
        "SMS marketing",
    ),
    "past_visits": ("Käyntikerrat", "Käyntejä", "Käynnit", "numberOfPastVisits"),
    "no_show_count": ("Saapumatta jättämiset", "Saapumatta jääneet", "Ei saapunut", "No-show", "No-shows"),
    "regular_employee": ("Kanta-asiakkaan työntekijä", "Vakiotyöntekijä", "Oma työntekijä", "Toivottu tekijä"),
    "discounts": ("Alennukset", "Alennus", "Alennus-%", "Alennusprosentti", "Discount", "Discounts"),
    "requires_prepayment": ("Ennakkomaksu", "Prepayment"),
    "created_at": ("Luotu", "Lisätty", "Asiakas alkaen", "createdAt", "Created"),
    "last_visit_at": ("Viimeisin käynti", "Viimeinen käynti", "Last visit"),
}

BOOKING: Mapping[str, tuple[str, ...]] = {
    "booking_id": ("Varausnumero", "Varaustunnus", "ID", "Tunniste", "Booking ID", "bookingId"),
    "client_id": ("Asiakasnumero", "Asiakas-ID", "Asiakastunnus", "Asiakasnro", "clientId", "Customer ID"),
    "client_name": ("Asiakas", "Asiakkaan nimi", "Nimi", "clientName", "Customer", "Client", "Customer name"),
    "client_phone": (*_PHONE, "clientPhone", "phone"),
    "client_email": (*_EMAIL, "clientEmail"),
    "employee_id": ("userId", "Employee ID"),
    "employee": ("Työntekijä", "Tekijä", "Käyttäjä", "userName", "Employee"),
    "start": ("Alkaa", "Alku", "Alkamisaika", "start", "Starts"),
    "end": ("Päättyy", "Loppuu", "Loppu", "Päättymisaika", "end", "Ends"),
    "date": ("Päivämäärä", "Pvm", "Päivä", "Date"),
    "time": ("Kello", "Klo", "Aika", "Kellonaika", "Time"),
    "duration": ("Kesto", "Duration"),
    "service_id": ("serviceId", "Palvelun tunnus"),
    "service": ("Palvelu", "serviceName", "Service"),
    "price": ("Hinta", "servicePrice", "Price"),
    "paid": ("Maksettu", "Paid"),
    "note": ("Lisätiedot", "Varauksen lisätiedot", "Lisätieto", "Muistiinpanot", "Huomiot", "bookingNote", "Notes"),
    "customer_message": ("Viesti", "Asiakkaan viesti", "clientMessage"),
    "booked_at": ("Varattu", "Luotu", "createdAt", "Created"),
    "cancelled_at": ("Peruttu", "Poistettu", "deletedOn", "Cancelled"),
    "cancel_reason": ("Poiston syy", "Peruutuksen syy", "cancellationReason"),
    "state": ("Tila", "Varauksen tila", "status"),
}

# Free text, which may tell of health: read only where the owner switched notes on.
NOTES = frozenset({"notes", "note", "customer_message"})
PHONES = frozenset({"phone", "client_phone"})

# What makes a file a list of customers, and what makes it one of bookings: an anchor, and one heading more that no
# customer list has. Names and contacts stand in both; so do states and cancellations (a closed customer account).
CUSTOMER_SIGNS = frozenset({"full_name", "first_name", "last_name", "phone", "email"})
BOOKING_ANCHORS = frozenset({"start", "date", "booking_id"})
BOOKING_SIGNS = frozenset(
    {"start", "end", "time", "duration", "service", "service_id", "employee", "employee_id", "price", "paid"}
    | {"cancel_reason", "customer_message"}
)
