"""The fields that a notice may list, and by what it is known that one is collected. Pure."""

from collections.abc import Mapping

EXTERNAL, NOTED, CONSENT = "identifier", "notes", {"email_consent": "email", "sms_consent": "sms"}
"""Those that every record has, that is no part of a payload, and that a person may declare, by channel."""

FIELDS: Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "name": (("customer", ('"name":', '"first_name":', '"last_name":')), ("booking", ('"client_name":',))),
    "phone": (("customer", ('"phone":',)), ("booking", ('"client_phone":',))),
    "email": (("customer", ('"email":',)), ("booking", ('"client_email":',))),
    "address": (("customer", ('"street":', '"postal_code":', '"city":')),),
    "email_consent": (("customer", ('"email_marketing":',)),),
    "sms_consent": (("customer", ('"sms_marketing":',)),),
    "no_shows": (("customer", ('"no_show_count":',)), ("booking", ('"state":"no_show"',))),
    "regular_employee": (("customer", ('"regular_employee":',)),),
    "discounts": (("customer", ('"discounts":["',)),),
    "prepayment": (("customer", ('"requires_prepayment":',)),),
    "visits": (("customer", ('"past_visits":', '"last_visit_on":')),),
    "bookings": (("booking", ()),),
    "payments": (("booking", ('"price_cents":', '"paid_cents":')), ("order", ('"amount_cents":',))),
    "courses": (("enrollment", ()),),
    "course_progress": (("enrollment", ('"progress":', '"completed":')),),
    "purchases": (("order", ()),),
}
"""Field → kinds of record, and members of their payload of which one is enough; none: that a record is there."""
