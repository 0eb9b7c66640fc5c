"""The answer to a request for access or portability: one file with all that is held of a person (GDPR Art. 15 and 20).

`contents` makes the document, a pure function of what the store told (`store.person`); `page`, `tables` and `portable`
show it; `archive` packs it. Of other people nothing goes in (Art. 15(4)): `own` says what is the person's.
"""
