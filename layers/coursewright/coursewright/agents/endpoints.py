"""The addresses of the providers' APIs."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

DEFAULT_BASE_URLS = {
    "openai": "https://api.openai.com/v1",
    "anthropic": "https://api.anthropic.com",
    "google": "https://generativelanguage.googleapis.com",
    "bedrock": "",  # its client derives the address from the region
}
# No user, query or backslash: clients disagree about the host of such an address.
ADDRESS = re.compile(
    r"https?://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?(/[\w.~%/:@+=-]*)?", re.A
)


def host_of(url: str) -> str:
    """Return the host of an address in lower case, without its port."""
    return (urlsplit(url).hostname or "").rstrip(".")


def is_loopback(url: str) -> bool:
    """Whether the URL's host is this machine, which is never reached through a proxy."""
    host = host_of(url)
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def address_fault(url: str) -> str:
    """Return what is wrong with a base URL, or an empty string."""
    if not ADDRESS.fullmatch(url):
        return "must be an address such as https://models.example.edu/v1, without a query"
    if not url.startswith("https://") and not is_loopback(url):
        return f"must start with https://, because {host_of(url)} is not this machine"
    return ""
