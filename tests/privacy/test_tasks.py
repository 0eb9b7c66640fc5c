"""What others are asked to do is turned round once it is lifted."""

from datetime import UTC, datetime

import pytest

from privacy.package.words import LANGUAGES, Words
from privacy.tasks import after_lift, overtaken
from store.requests import Task

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
ENDS = {
    "correct phones": "take back the correction of phones",
    "restrict the use of the data": "end the restriction",
    "tell them of the corrected emails": "tell them that the correction is taken back of emails",
    "tell them that the use is restricted": "tell them that the restriction has ended",
    "tell them that consent was withdrawn on sms": "tell them that the withdrawal is taken back on sms",
}


@pytest.mark.parametrize(("what", "end"), ENDS.items())
def test_each_task_has_its_end_which_is_said_in_both_languages(what: str, end: str) -> None:
    waits, done = Task(1, "Firm", what, NOW), Task(2, "Other firm", what, NOW, NOW, "tester", "a mail")
    todo = after_lift([waits, done])
    assert todo == [("Firm", end), ("Other firm", end)], "what nobody noted as done may have been done"
    assert overtaken([waits, done], todo) == [waits]
    assert overtaken([Task(3, "Firm", end, NOW)], [("Firm", what)]) == [Task(3, "Firm", end, NOW)]
    assert overtaken([waits], [("Third firm", end)]) == []
    for language in LANGUAGES:
        assert Words(language).task(end) != end


@pytest.mark.parametrize("what", ["delete the person's data", "tell them that the person is erased", *ENDS.values()])
def test_what_is_done_for_good_has_no_end(what: str) -> None:
    assert after_lift([Task(1, "Firm", what, NOW)]) == []
