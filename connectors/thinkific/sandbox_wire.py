"""Rows of a made-up school as Thinkific sends them: field for field, with its type traps."""

from typing import Any, NamedTuple

from connectors.sandbox import words
from connectors.sandbox.made import Account, Enrollment, Order
from connectors.sandbox.rows import iso

PHONE, EMAIL_MARKETING, ADDRESS = 101, 102, 103
"""`custom_profile_field_definition_id` of the site's own fields."""
LABELS = {PHONE: "Puhelin", EMAIL_MARKETING: "Sähköpostimarkkinointi", ADDRESS: "Osoite"}
COURSE_ID, PRODUCT_ID = 501, 901
"""Ids of the catalogue's first course and its product."""


class CatalogueRow(NamedTuple):
    """A row that belongs to no person."""

    id: int
    fields: dict[str, Any]


def user(row: Account) -> dict[str, Any]:
    """A user, as `GET /users` lists them."""
    return {
        "id": row.id,
        "created_at": iso(row.created_at),
        "first_name": row.first_name,
        "last_name": row.last_name,
        "full_name": f"{row.first_name} {row.last_name}",
        "company": None,
        "email": row.email,
        "roles": [],
        "avatar_url": None,
        "bio": None,
        "headline": None,
        "affiliate_code": None,
        "affiliate_commission": "15.00" if row.id % 50 == 0 else None,
        "affiliate_commission_type": "%",
        "affiliate_payout_email": None,
        "external_source": None,
        "administered_course_ids": None,
        "custom_profile_fields": _own_fields(row),
    }


def _own_fields(row: Account) -> list[dict[str, Any]]:
    """The site's own fields: text values; one that was left empty is null, missing or "" by turns."""
    consent = {True: "Kyllä", False: "Ei", None: ("", None)[row.id % 2]}[row.email_marketing]
    values = {EMAIL_MARKETING: consent}
    if row.phone or row.id % 3 == 0:
        values[PHONE] = words.national(row.phone, row.id) if row.phone else None
    if row.street:
        values[ADDRESS] = f"{row.street}, {row.postal_code} {row.city}"
    return [
        {"id": row.id * 10 + at, "value": value, "label": LABELS[field], "custom_profile_field_definition_id": field}
        for at, (field, value) in enumerate(values.items())
    ]


def enrollment(row: Enrollment, account: Account | None, now: int) -> dict[str, Any]:
    """An enrollment; `now` decides whether it is expired."""
    first, last = (account.first_name, account.last_name) if account else (None, None)
    return {
        "id": row.id,
        "created_at": iso(row.created_at),
        "user_email": account.email if account else None,
        "user_name": f"{first} {last}" if account else None,
        "expiry_date": iso(row.expiry_date),
        "user_id": row.user_id,
        "course_name": words.COURSES[row.course][0],
        "course_id": COURSE_ID + row.course,
        "percentage_completed": str(row.percent / 100),
        "completed_at": iso(row.completed_at),
        "expired": row.expiry_date is not None and row.expiry_date < now,
        "is_free_trial": row.is_free_trial,
        "completed": row.completed_at is not None,
        "started_at": iso(row.started_at),
        "activated_at": None if row.is_free_trial else iso(row.created_at),
        "updated_at": iso(row.updated_at),
    }


def order(row: Order, account: Account | None) -> dict[str, Any]:
    """An order; every ninth has its product in `items` alone. After the user's deletion nobody is named (assumed)."""
    name, product = words.COURSES[row.course][0], PRODUCT_ID + row.course
    bare = row.id % 9 == 0
    return {
        "user_id": row.user_id,
        "user_email": account.email if account else None,
        "user_name": f"{account.first_name} {account.last_name}" if account else "(deleted) (deleted)",
        "product_name": None if bare else name,
        "product_id": None if bare else product,
        "amount_dollars": str(row.amount_cents / 100),
        "amount_cents": row.amount_cents,
        "subscription": False,
        "coupon_code": None,
        "coupon_id": None,
        "items": [
            {
                "product_id": product,
                "product_name": name,
                "amount_dollars": row.amount_cents / 100,
                "amount_cents": row.amount_cents,
            }
        ],
        "affiliate_referral_code": None,
        "status": "Complete" if row.id % 5 == 0 else "complete",
        "created_at": iso(row.created_at),
        "id": row.id,
    }


def courses() -> list[CatalogueRow]:
    """The catalogue's courses but the last, which is of the new kind that `/courses` does not list."""
    return [CatalogueRow(COURSE_ID + at, _course(at, name)) for at, (name, _) in enumerate(words.COURSES[:-1])]


def _course(at: int, name: str) -> dict[str, Any]:
    return {
        "id": COURSE_ID + at,
        "name": name,
        "slug": f"kurssi-{at + 1}",
        "subtitle": None,
        "product_id": PRODUCT_ID + at,
        "description": "",
        "course_card_text": None,
        "intro_video_youtube": None,
        "contact_information": None,
        "keywords": None,
        "duration": None,
        "banner_image_url": "/assets/tenant/default-course-banner.jpg",
        "course_card_image_url": None,
        "administrator_user_ids": [],
        "chapter_ids": [COURSE_ID * 100 + at],
        "reviews_enabled": False,
        "user_id": None,
        "instructor_id": None,
    }


def products() -> list[CatalogueRow]:
    """What is sold: a product for each course, and a bundle."""
    rows = [(at, "Course", COURSE_ID + at, name, cents) for at, (name, cents) in enumerate(words.COURSES)]
    bundle = (len(rows), "Bundle", 120_008, "Koko paketti", 19_900)
    return [CatalogueRow(PRODUCT_ID + row[0], _product(*row)) for row in [*rows, bundle]]


def _product(at: int, kind: str, of: int, name: str, cents: int) -> dict[str, Any]:
    price = str(cents / 100)
    return {
        "id": PRODUCT_ID + at,
        "created_at": iso(1_614_893_450_243 + at * 1_000_003),
        "productable_id": of,
        "productable_type": kind,
        "price": price,
        "position": at + 1,
        "status": "draft" if at == 3 else "published",
        "name": name,
        "private": False,
        "hidden": False,
        "subscription": False,
        "days_until_expiry": None,
        "has_certificate": False,
        "collection_ids": [],
        "seo_title": None,
        "seo_description": None,
        "keywords": None,
        "related_product_ids": [],
        "slug": f"tuote-{at + 1}",
        "description": None,
        "instructor_names": "",
        "product_prices": [
            {
                "id": PRODUCT_ID * 10 + at,
                "is_primary": True,
                "payment_type": "one-time" if cents else "free",
                "price": price,
                "currency": "eur",
            }
        ],
    }


def definitions() -> list[CatalogueRow]:
    """The site's own profile fields."""
    return [
        CatalogueRow(field, {"id": field, "label": label, "field_type": "1", "required": False})
        for field, label in LABELS.items()
    ]
