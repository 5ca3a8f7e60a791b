"""Sanitises HTML from models and lessons before it is shown or exported."""

from functools import lru_cache
from html.parser import HTMLParser

import nh3

TAGS = (
    "p br hr h1 h2 h3 h4 h5 h6 ul ol li dl dt dd blockquote code pre kbd samp var em strong b i u "
    "s sub sup table caption thead tbody tfoot tr th td div span"
)
CACHE_SIZE = 128  # texts; a reviewer's clicks display the same ones repeatedly
ALLOWED_TAGS = frozenset(TAGS.split())
ALLOWED_ATTRIBUTES = {"td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan", "scope"}}
DROPPED_WITH_CONTENT = {"script", "style", "title", "textarea", "template", "iframe", "svg", "math"}


@lru_cache(CACHE_SIZE)
def clean_html(text: str) -> str:
    """Return the HTML reduced to what a task's text needs: no links, images or scripts."""
    return nh3.clean(
        text,
        tags=set(ALLOWED_TAGS),
        attributes=ALLOWED_ATTRIBUTES,
        clean_content_tags=DROPPED_WITH_CONTENT,
        link_rel=None,
    )


@lru_cache(CACHE_SIZE)
def removed_from(text: str) -> tuple[str, ...]:
    """Return the tags and attributes that `clean_html` removes, to list them for reviewers."""
    scan = _DisallowedFinder(convert_charrefs=True)
    scan.feed(text)
    scan.close()
    return tuple(sorted(scan.removed))


class _DisallowedFinder(HTMLParser):
    def __init__(self, *, convert_charrefs: bool) -> None:
        super().__init__(convert_charrefs=convert_charrefs)
        self.removed: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ALLOWED_TAGS:
            self.removed.add(f"<{tag}>")
            return
        allowed = ALLOWED_ATTRIBUTES.get(tag, set())
        self.removed |= {f"{name}=" for name, _ in attrs if name not in allowed}
