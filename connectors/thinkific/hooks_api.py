"""Where a site sends its deliveries: Thinkific's webhooks API v2.

One topic a registration. The list is paged by cursor (`next`, `meta.page.has_next`, `meta.page.next_page`). A bearer
token opens it: an access token, or the API key itself. Its rate limit is the site's.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from connectors.errors import HoldSource, RetryLater
from connectors.hooks import Hook
from connectors.http import HttpClient
from connectors.thinkific.values import UnreadableError, identifier, text
from connectors.thinkific.webhooks import TOPICS

PATH = "/webhooks"
PAGE = 100
_MOST_PAGES = 100
_DOMAIN = "thinkific.com"
_RULE = "Thinkific sends to https:// addresses alone, neither to localhost nor to a thinkific.com domain"


def address(base_url: str) -> str:
    """The webhooks API that stands beside this Admin API."""
    url = urlsplit(base_url)
    return f"{url.scheme}://{url.netloc}/api/v2"


class ThinkificRegistrar:
    """One site's list of deliveries. Owns its client and closes it."""

    topics: Sequence[str] = tuple(TOPICS)

    def __init__(self, client: HttpClient) -> None:
        self._client = client

    def list(self) -> Sequence[Hook]:
        """Every registered delivery, whoever registered it."""
        return tuple(self._every())

    def register(self, topic: str, target_url: str) -> Hook | None:
        """Register one; `None` where the site does not know the topic.

        A try whose answer got lost may have registered it, and the next one does so again: then each event comes twice
        and is known by its id, and removing finds both.
        """
        host = urlsplit(target_url).hostname or ""
        if host == _DOMAIN or host.endswith(f".{_DOMAIN}"):
            raise HoldSource(f"the address is not taken: {_RULE}")
        answer = self._client.post(PATH, {"topic": topic, "target_url": target_url}, whole=_hook)
        if not answer.invalid:
            return _hook(answer.value)
        wrong = _named(answer.value)
        if "topic" in wrong:
            return None
        if wrong & {"url", "target_url"}:
            raise HoldSource(f"{answer.retrieved_from}: the address is not taken: {_RULE}")
        raise HoldSource(f"{answer.retrieved_from}: refused (status {answer.status}), and not said why")

    def remove(self, hook_id: str) -> bool:
        """Remove one; whether it was there."""
        answer = self._client.delete(f"{PATH}/{quote(hook_id, safe='')}")
        if answer.missing and not isinstance(answer.value, Mapping):
            raise RetryLater(f"DELETE {PATH}: a {answer.status} that is not the platform's own proves nothing")
        return not answer.missing

    def close(self) -> None:
        """Release the connection."""
        self._client.close()

    def _every(self) -> Iterator[Hook]:
        params: dict[str, str | int] = {"limit": PAGE}
        for _ in range(_MOST_PAGES):
            hooks, following = _page(self._client.get(PATH, params, whole=_page).value)
            yield from hooks
            if following is None:
                return
            params["next"] = following
        raise RetryLater(f"GET {PATH}: the pages do not end")


def _page(value: Any) -> tuple[tuple[Hook, ...], str | None]:
    """The registrations of a page and the next one's cursor. Raises `RetryLater` for what is no such page."""
    items = value.get("items") if isinstance(value, Mapping) else None
    if not isinstance(items, list):
        raise RetryLater("the answer is no list of webhooks")
    meta = value.get("meta")
    page = meta.get("page") if isinstance(meta, Mapping) else None
    more = page.get("has_next") if isinstance(page, Mapping) else None
    following = page.get("next_page") if isinstance(page, Mapping) and more else None
    if not isinstance(more, bool) or bool(following) != more:
        raise RetryLater("the answer does not say which page is next")
    return tuple(map(_hook, items)), str(following) if following else None


def _hook(value: Any) -> Hook:
    """One registration. Raises `RetryLater` for what is none."""
    try:
        found = {name: text(value.get(name)) for name in ("topic", "target_url", "status")}
        id_ = identifier(value.get("id"))
    except (AttributeError, UnreadableError):
        id_ = None
    if id_ is None or not found["topic"] or not found["target_url"]:
        raise RetryLater("the answer holds something that is no webhook")
    return Hook(id=id_, topic=found["topic"], target_url=found["target_url"], status=found["status"])


def _named(value: Any) -> set[str]:
    """The fields that an error names: `{"errors": {"topic": ...}}` or a list of such objects."""
    errors = value.get("errors") if isinstance(value, Mapping) else value
    parts = errors if isinstance(errors, list) else [errors]
    return {name for part in parts if isinstance(part, Mapping) for name in part}
