"""What every view of the page stands in: head, ways to the others, and what is there without a script. Pure."""

from html import escape
from typing import Final

from bacnet_bridge.status.visible import visible

VIEWS: Final = (
    ("overview", "/", "Overview"),
    ("meters", "/meters", "Meters"),
    ("devices", "/devices", "Devices"),
    ("delivery", "/delivery", "Delivery"),
    ("mapping", "/mapping", "Mapping"),
)
_WITHOUT_SCRIPT: Final = (
    '<p class="quiet">A script shows this view. Where none is run, the <a href="/">overview</a> is whole without, '
    "and so is <code>bacnet-bridge status</code> on the machine.</p>"
)


def shell(view: str, content: str = _WITHOUT_SCRIPT, *, meter: str = "") -> str:
    """A whole document. `content` is markup: what stands there until the script shows the view, or for good."""
    title = next((label for name, _, label in VIEWS if name == view), "Meter")
    about = f' data-meter="{escape(visible(meter))}"' if meter else ""
    return "".join(
        (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<noscript><meta http-equiv="refresh" content="15"></noscript>',
            f"<title>{title} – BACnet Bridge</title>",
            '<link rel="icon" href="/page/icon.svg"><link rel="stylesheet" href="/style.css">',
            '<script type="module" src="/page/main.js"></script></head><body>',
            '<a class="skip" href="#content">To the content</a>',
            '<div class="top"><div><a class="brand" href="/"><img src="/page/icon.svg" alt="">BACnet Bridge</a>',
            f'<nav aria-label="Views"><ul>{_links(view)}</ul></nav><span class="live"></span></div></div>',
            f'<main id="content" tabindex="-1" data-view="{view}"{about}>{content}</main></body></html>\n',
        )
    )


def _links(view: str) -> str:
    """A meter is one of the meters."""
    here = "meters" if view == "meter" else view
    return "".join(
        f'<li><a href="{address}"{_CURRENT if name == here else ""}>{label}</a></li>' for name, address, label in VIEWS
    )


_CURRENT: Final = ' aria-current="page"'
