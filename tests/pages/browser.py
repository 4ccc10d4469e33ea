"""A real Chromium that looks at pages, and axe-core inside it."""

import base64
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

from selenium import webdriver

from tests.e2e.tools import tool

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
CONTRAST = "color-contrast"
COLOURS = (CONTRAST, "link-in-text-block")
"""The rules of colour: a dark page differs from the light one in nothing else."""
ARGUMENTS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu"),
    *("--disable-dev-shm-usage", "--hide-scrollbars"),
)
RUN = """
const [only, done] = arguments;
const told = ({id, nodes}) => nodes.map(node => [id, node.html.slice(0, 200), node.failureSummary]);
axe.run(document, {runOnly: only, resultTypes: ['violations'], selectors: false}).then(
    found => done(found.violations.flatMap(told)), error => done([['axe', '', String(error)]]));
"""
WIDER = """
const room = innerWidth;
if (document.scrollingElement.scrollWidth <= room) return [];
return [...document.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > room + 1)
    .slice(0, 5).map(e => e.outerHTML.slice(0, 120));
"""


class Browser:
    """A session of Chromium. Its pages load nothing, so they are read from files."""

    def __init__(self) -> None:
        options = webdriver.ChromeOptions()
        options.binary_location = str(tool("chromium"))
        for argument in ARGUMENTS:
            options.add_argument(argument)
        service = webdriver.ChromeService(str(tool("chromedriver")))
        self._driver = webdriver.Chrome(options=options, service=service)
        self._driver.set_script_timeout(60)
        self._folder = TemporaryDirectory()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._driver.quit()
        self._folder.cleanup()

    def open(self, page: bytes, *, width: int = 1280, media: str = "screen") -> None:
        """Show a page on a screen of this width, or as a printer would see it."""
        self._ask(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=900, deviceScaleFactor=1, mobile=False,
        )  # fmt: skip
        self.recolour("light", media)
        path = Path(self._folder.name, "page.html")
        path.write_bytes(page)
        self._driver.get(path.as_uri())

    def picture(self) -> bytes:
        """Photograph the page from head to foot, as PNG."""
        size = self._ask("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
        shot = self._ask("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
        return base64.b64decode(shot["data"])

    def recolour(self, scheme: str, media: str = "screen") -> None:
        """Prefer light or dark colours."""
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self._ask("Emulation.setEmulatedMedia", media=media, features=[feature])

    def violations(self, *rules: str) -> list[list[str]]:
        """What axe-core finds on the page, by these rules or by those of WCAG 2.2 A and AA."""
        only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": TAGS}
        if not self._driver.execute_script("return 'axe' in window"):
            self._driver.execute_script(tool("axe").read_text(encoding="utf-8"))
        return self._driver.execute_async_script(RUN, only)

    def wider_than_the_screen(self) -> list[str]:
        """The first elements that make a person scroll sideways."""
        return self._driver.execute_script(WIDER)

    def _ask(self, command: str, **arguments: object) -> dict[str, Any]:
        return self._driver.execute_cdp_cmd(command, arguments)
