"""Take the pictures of docs/console.md anew: `python -m tests.console.screenshots docs [RUN FOLDER]`.

RUN FOLDER: what `clearing run --out --results parquet` left of a large day, for the picture of results.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from clearing.cli.console import writers
from clearing.client import Endpoint
from clearing.console.serve import Opened
from clearing.formats import read
from clearing.server.embedded import EmbeddedServer
from clearing.wire import case_file
from tests.console.conftest import CASE, CHROMIUM, DRIVER
from tests.console.test_browser import Browser, run_of, slow_case

COLOURS = 96


def main(target: Path, large: Path | None) -> None:
    """Every picture, light and dark where both are shown."""
    with tempfile.TemporaryDirectory() as scratch, EmbeddedServer() as server:
        folder = Path(scratch) / "work"
        if large is not None:
            _adopt(large, folder / "runs" / "20270114-day")
        with Opened(folder, Endpoint(server.address), "127.0.0.1:0", writers(), {CASE: read(CASE)}) as opened:
            driver = _driver()
            browser = Browser(driver, opened.url, folder)
            try:
                _pictures(browser, opened, target, Path(scratch), large is not None)
            finally:
                driver.quit()


def _pictures(browser: Browser, opened: Opened, target: Path, scratch: Path, large: bool) -> None:
    browser.open("cases/three-bus")
    browser.enter(browser.cell("units", "p_min_mw", 0), "500")
    browser.click("#check")
    browser.find("#sheet .why.error")
    _shot(browser, target / "console-case.png")
    browser.enter(browser.cell("units", "p_min_mw", 0), "20")
    browser.open()
    browser.find("#files").send_keys(str(slow_case(scratch)))
    browser.click("#upload button")
    browser.at("/cases/slow")
    browser.enter("#gap", "0")
    browser.click("#run")
    browser.until(lambda: browser.text("#progress-gap") != "–", "a gap")
    browser.until(lambda: float(browser.text("#clock")) > 6.0, "some seconds")
    _shot(browser, target / "console-live.png", 560)
    browser.click("#cancel")
    browser.until(lambda: browser.text("#state") == "cancelled", "the end")
    before = run_of(opened)
    more = {"sheet": "loads", "field": "mw", "row": 0, "period": 2, "value": "155"}
    after = run_of(opened, more)
    browser.open(f"runs/{'20270114-day' if large else after}")
    for row in (1, 2, 3):
        browser.click(f"#table tbody tr:nth-child({row}) input")
    browser.find("#chart .scatterlayer .trace")
    _dark(browser, True)
    browser.driver.refresh()
    for row in (1, 2, 3):
        browser.click(f"#table tbody tr:nth-child({row}) input")
    browser.find("#chart .scatterlayer .trace")
    _shot(browser, target / "console-results.png")
    _dark(browser, False)
    browser.open(f"compare?run={before}&run={after}")
    browser.find(".canvas svg")
    _shot(browser, target / "console-compare.png")


def _adopt(large: Path, folder: Path) -> None:
    """A run that was made before, as the console would have kept it."""
    shutil.copytree(large, folder)
    case, _ = case_file.case_of_request((folder / "request.binpb").read_bytes())
    assert case is not None
    (folder / "case.json").write_text(case_file.case_to_json(case), encoding="utf-8")
    end = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    info = json.loads((folder / "run_info.json").read_text(encoding="utf-8"))
    told = {
        "case": "day", "case_name": case.name, "state": "done", "status": "", "began": "2027-01-13T12:00:00",
        "asked": {"rules": f"{end['rules']['name']}@{end['rules']['version']}"},
        "cost": end["termination"]["objective"], "gap": end["termination"].get("gap"),
        "violations": len(end.get("violations", [])), "audit_passed": end["audit"].get("passed", False),
        "wall_seconds": info["wall_seconds"],
    }  # fmt: skip
    (folder / "run.json").write_text(json.dumps(told), encoding="utf-8")


def _driver() -> webdriver.Chrome:
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for argument in ("headless=new", "no-sandbox", "disable-gpu", "window-size=1280,1000", "hide-scrollbars"):
        options.add_argument(f"--{argument}")
    return webdriver.Chrome(options=options, service=Service(DRIVER))


def _dark(browser: Browser, on: bool) -> None:
    features = [{"name": "prefers-color-scheme", "value": "dark" if on else "light"}]
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


def _shot(browser: Browser, path: Path, height: int = 820) -> None:
    """A picture of the top of the page, in few colours so that it is small."""
    browser.driver.save_screenshot(str(path))
    with Image.open(path) as picture:
        picture.crop((0, 0, picture.width, min(height, picture.height))).quantize(COLOURS).save(path, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
