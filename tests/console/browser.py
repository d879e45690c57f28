"""A headless Chromium as tests of the console drive it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from selenium.common.exceptions import StaleElementReferenceException

from tests.console.conftest import WAIT_SECONDS


class Browser:
    """A few words over the driver: everything waits until it is there."""

    def __init__(self, driver: Any, url: str, downloads: Path) -> None:
        self.driver, self.url, self.downloads = driver, url, downloads

    def open(self, path: str = "") -> None:
        self.driver.get(self.url + path)

    def find(self, css: str) -> Any:
        return self.until(lambda: next((e for e in self.all(css) if e.is_displayed()), None), css)

    def all(self, css: str) -> list[Any]:
        found: list[Any] = self.driver.find_elements("css selector", css)
        return found

    def click(self, css: str) -> None:
        self.find(css).click()

    def enter(self, css: str, text: str) -> None:
        field = self.find(css)
        field.clear()
        field.send_keys(text + "\t")

    def until(self, what: Callable[[], Any], words: str) -> Any:
        end = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < end:
            try:
                found = what()
            except StaleElementReferenceException:  # the page is being drawn again
                found = None
            if found:
                return found
            time.sleep(0.05)
        raise AssertionError(f"never: {words} at {self.driver.current_url}")

    def at(self, part: str) -> str:
        self.until(lambda: part in self.driver.current_url, part)
        return str(self.driver.current_url).rsplit("/", 1)[-1]

    def text(self, css: str) -> str:
        return str(self.find(css).text)

    def cell(self, sheet: str, field: str, row: int, period: int | None = None) -> str:
        key = json.dumps([sheet, field, row, period], separators=(",", ":")).replace('"', '\\"')
        return f'input[data-cell="{key}"]'
