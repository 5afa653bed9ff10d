"""What keeps people out of a page: checks in the page itself, after WCAG 2.2 A and AA.

    barriers(page) -> ["contrast 3.1 under 4.5: p.hint 'Seen at'", ...]

Looked at is what is visible when asked, so a page is asked in each of its states. It finds what a
program can find: names, labels, roles, order, contrast, sizes. Each complaint names its element.
"""

from pathlib import Path

from playwright.async_api import Page

CHECKS = Path(__file__).with_suffix(".js").read_text()


async def barriers(page: Page) -> list[str]:
    """What is wrong with the page as it shows itself now; empty if nothing was found."""
    return list(await page.evaluate(CHECKS))
