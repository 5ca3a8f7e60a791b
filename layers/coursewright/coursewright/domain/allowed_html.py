"""The HTML that a task's text may contain, and what a text contains beyond that."""

from coursewright.domain.html_tokens import html_tokens

TAGS = (
    "p br hr h1 h2 h3 h4 h5 h6 ul ol li dl dt dd blockquote code pre kbd samp var em strong b i u "
    "s sub sup table caption thead tbody tfoot tr th td div span"
)
ALLOWED_TAGS = frozenset(TAGS.split())
ALLOWED_ATTRIBUTES = {"td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan", "scope"}}


def removed_markup(text: str) -> tuple[str, ...]:
    """Return the tags and attributes that are removed before display and publication."""
    removed: set[str] = set()
    for token in html_tokens(text):
        if token.start in ALLOWED_TAGS:
            allowed = ALLOWED_ATTRIBUTES.get(token.start, set())
            removed |= {f"{name}=" for name in token.attributes if name not in allowed}
        elif token.start:
            removed.add(f"<{token.start}>")
    return tuple(sorted(removed))
