"""Made-up Finnish people with known truth, as two sources hold them: the data that record matching is measured on.

The same seed and size make the same records, on every machine. Nobody in it exists: names are put together by chance,
mailboxes lie in reserved domains (`.example`) or have a hyphen, which Gmail allows in no address, and phone numbers are
counted up in large steps. There are no identity codes.

People come in households (`people`), each person has cards at the sources (`cards`), and each card writes the person's
name in its own way (`writing`). Rates are per card unless said otherwise; they are the constants of those modules.

| what | rate |
| --- | --- |
| customers at both sources; at the salon alone; at the school alone | 25 %; 37.5 %; 37.5 % of people |
| a second card at the same source; a third | 3 %; 0.3 % of a person's memberships |
| households with two or more customers | 30 %: couples, one parent with children, families |
| a child has the first name of the parent of the same sex, by custom | 0.5 % of children |
| adult of a household gives the phone of another one | 5 %; a child 35 %, and 25 % have none of their own |
| family e-mail address, in 8 % of such households | 25 % of their cards; a child gives a parent's own address 20 % |
| a card with another one's phone has a shared e-mail address too | 10 % of what it would else |
| phone missing | salon 7 %, school 21 % |
| e-mail missing | salon 17 %, school 2 % |
| a second e-mail address | 25 % of adults; an older card has the first, a later one the second in 60 % |
| moved: other phone and other address, half of the cards are older | phone 6 %, address 20 % of people |
| role address (info@) shared by 2 to 12 colleagues | 1.5 % of adults; on half of their cards |
| the salon's own phone; its reception's; a cleaner's | 0.5 %, 0.1 %, 0.02 % of salon cards |
| one address for all who have none (`eisahkopostia@`) | 0.1 % of salon cards |
| plus tag; other dots, Gmail alone; capitals | 1.5 %; 3 %; 5 % of addresses |
| a second card at the school | always another address: second one 70 %, else plus tag, dots or capitals |
| address known | salon 20 %, school 35 %; shortened or without its flat or postal part 25 % of these |
| maiden name on older cards; both names with a hyphen | 12 % of women over 22, of whose older cards 75 %; 5 % |
| typo in first name; in last name | 1.3 %; 1.7 % |
| short form or pet name, of names that have one | 2.0 % |
| one half of a double first name | 25 % of such names; both halves without the hyphen 8 % |
| a second given name written too | 1 % |
| ä ö å é: letters without marks; `Ã¤`; `?`; `ae` | 2.5 %; 0.8 %; 0.5 %; 0.3 % |
| all capitals; all small | 2.5 %; 1 % |
| first and last name swapped | 1 % |
| last name missing | 0.5 % |
| von, af: left out; capital | 20 %; 10 % of such names |
| one joined name without parts | salon 8 %, school 1 %: "First Last" 60 %, "Last First" 28 %, "Last, First" 12 % |

The rates were set so that the obvious rules (`benchmarks.match_baseline`) come out as they do on other sets of such
people, from 20,000 to 1,000,000 records: pairwise precision 0.997 to 0.998 and recall 0.88 to 0.90 where a shared
contact and agreeing first names decide, 0.993 to 0.996 and 0.89 to 0.93 where rare equal names are added; about 11 % of
true pairs share no phone and no e-mail. How often families share contacts was set so that Splink comes out at 20,000
records as it does elsewhere, too.
"""

from benchmarks.population.cards import Record, population

__all__ = ["Record", "population"]
