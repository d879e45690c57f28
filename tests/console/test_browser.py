"""The console as people use it: a headless Chromium that clicks.

Needs chromium and its driver (Debian: `apt-get install chromium chromium-driver`) on the PATH; skipped without them.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format
from selenium import webdriver
from selenium.common.exceptions import NoAlertPresentException
from selenium.webdriver.chrome.service import Service

from clearing.console.serve import Opened
from clearing.formats import read
from clearing.wire import case_file
from tests.admission import applications
from tests.console.browser import Browser
from tests.console.conftest import CASE, CHROMIUM, DRIVER, ended, send

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="chromium or chromedriver is not installed"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

HOSTILE = '<img src=x onerror="document.title=1">&"\'</script><script>document.title=2</script>'


@pytest.fixture(scope="module")
def browser(opened: Opened, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    downloads = tmp_path_factory.mktemp("downloads")
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--window-size=1400,1000",
    ):
        options.add_argument(f"--{argument}")
    options.add_experimental_option("prefs", {"download.default_directory": str(downloads)})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    yield Browser(driver, opened.url, downloads)
    driver.quit()


@pytest.fixture(autouse=True)
def _nothing_refused_by_the_policy(browser: Browser) -> Iterator[None]:
    yield
    said = [entry["message"] for entry in browser.driver.get_log("browser")]
    assert not [m for m in said if "Content Security Policy" in m or "Uncaught" in m]


def run_of(opened: Opened, *edits: Any) -> str:
    """A run made without the browser."""
    name = str(send(opened, "POST", "/api/runs", {"case": "three-bus", "edits": list(edits)}).object["id"])
    assert ended(opened, name)["state"] == "done"
    return name


def slow_case(folder: Path) -> Path:
    """A case that is searched for long: two hundred alike units over a day of quarters, at a gap of nothing."""
    tree = json.loads(case_file.case_to_json(read(CASE)))
    tree["horizon"] |= {"periods": 96, "period_minutes": 15, "start_minute": 0}
    units = tree["units"]
    count, offers, starts = 200, units.pop("offers"), units.pop("start_costs")
    tree["units"] = {field: [values[k % 3] for k in range(count)] for field, values in units.items()}
    tree["units"]["id"] = [f"U{k}" for k in range(count)]
    tree["units"]["no_load_cost_per_hour"] = [100.0 + 7.3 * (k % 17) for k in range(count)]
    del tree["network"]["branch_limit_mw"]
    tree["units"]["offers"] = {
        "resource": tree["units"]["id"],
        "width_mw": [offers["width_mw"][k % 3] for k in range(count)],
        "price_per_mwh": [offers["price_per_mwh"][k % 3] + 0.37 * (k % 23) for k in range(count)],
    }
    tree["units"]["start_costs"] = {field: values[:1] * count for field, values in starts.items()}
    tree["units"]["start_costs"]["unit"] = tree["units"]["id"]
    tree["loads"]["mw"] = [4000.0 + 3000.0 * ((t * 37) % 96) / 96 for t in range(96)]
    path = folder / "slow.json"
    path.write_text(json.dumps(tree))
    return path


def test_upload_shows_the_case(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "uploaded day.json"
    path.write_text(case_file.case_to_json(read(CASE)))
    browser.open()
    browser.find("#files").send_keys(str(path))
    browser.click("#upload button")
    assert browser.at("/cases/uploaded-day")
    assert browser.text("h1") == "three-bus"
    assert browser.find(browser.cell("units", "p_max_mw", 0)).get_attribute("value") == "200"


def test_upload_of_no_case_says_why(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "notes.json"
    path.write_text('{"horizon": 3}')
    browser.open()
    browser.find("#files").send_keys(str(path))
    browser.click("#upload button")
    assert "BAD_JSON" in browser.text("#findings li.error")


def test_an_edit_is_kept_while_other_tables_are_looked_at(browser: Browser) -> None:
    browser.open("cases/three-bus")
    browser.enter(browser.cell("units", "p_max_mw", 1), "110")
    browser.click("#tab-branches")
    browser.find(browser.cell("branches", "branch_limit_mw", 0))
    browser.click("#tab-units")
    field = browser.find(browser.cell("units", "p_max_mw", 1))
    assert field.get_attribute("value") == "110"
    assert "edited" in field.get_attribute("class")
    assert browser.text("#edited").startswith("1 cell is changed")


def leave(browser: Browser) -> None:
    """Leave the page with whatever is edited on it; the question whether to is answered yes."""
    browser.driver.get("about:blank")
    with contextlib.suppress(NoAlertPresentException):
        browser.driver.switch_to.alert.accept()


@pytest.fixture(autouse=True)
def _left(browser: Browser) -> Iterator[None]:
    yield
    leave(browser)


def test_what_is_wrong_stands_at_the_field(browser: Browser) -> None:
    browser.open("cases/three-bus")
    browser.enter(browser.cell("units", "p_min_mw", 0), "500")
    browser.click("#check")
    assert browser.text("#verdict-title").startswith("Not valid")
    field = browser.find(browser.cell("units", "p_min_mw", 0))
    assert "error" in field.get_attribute("class")
    assert field.get_attribute("aria-invalid") == "true"
    assert browser.text("#sheet .why.error")
    assert "P_MIN_ABOVE_P_MAX" in browser.text("#findings li.error")


def test_a_finding_leads_to_its_field_in_another_table(browser: Browser) -> None:
    browser.open("cases/three-bus")
    browser.click("#tab-branches")
    browser.enter(browser.cell("branches", "branch_limit_mw", 2), "-5")
    browser.click("#tab-units")
    browser.find(browser.cell("units", "p_min_mw", 0))
    browser.click("#check")
    browser.click("#findings li.error a")
    field = browser.find(browser.cell("branches", "branch_limit_mw", 2))
    browser.until(lambda: field == browser.driver.switch_to.active_element, "focus at the field")
    assert "error" in field.get_attribute("class")


def test_a_word_where_a_number_belongs_is_refused_at_its_period(browser: Browser) -> None:
    browser.open("cases/three-bus")
    browser.click("#tab-loads")
    browser.click('#series option[value="mw"]')
    browser.enter(browser.cell("loads", "mw", 0, 2), "much")
    browser.click("#check")
    assert "A number is needed." in browser.text("#sheet .why.error")
    assert "11:30" in browser.text("#findings li.error")


def test_a_row_is_copied_under_a_name_and_removed(browser: Browser, opened: Opened) -> None:
    name = send(opened, "POST", "/api/cases/three-bus/save", {"as": "rows"}).object["id"]
    browser.open(f"cases/{name}")
    browser.enter(browser.cell("units", "p_max_mw", 1), "95")
    browser.click('button[data-row-change="copy 1"]')
    dialog = browser.driver.switch_to.alert
    dialog.send_keys("G2b")
    dialog.accept()
    browser.until(lambda: browser.text("#tab-units .count") == "4", "four units")
    assert browser.find(browser.cell("units", "p_max_mw", 2)).get_attribute("value") in ("95", "95.0")
    browser.click('button[data-row-change="remove 1"]')
    browser.driver.switch_to.alert.accept()
    browser.until(lambda: browser.text("#tab-units .count") == "3", "three units")
    assert [e.text for e in browser.driver.find_elements("css selector", "#sheet th.key .name")] == [
        "G1", "G2b", "G3",
    ]  # fmt: skip
    browser.click("#tab-buses")
    browser.click('button[data-row-change="remove 0"]')
    browser.driver.switch_to.alert.accept()
    browser.until(lambda: browser.text("#verdict-title") == "Not saved", "a refusal")
    assert "UNKNOWN_ID" in browser.text("#findings li.error")


def test_a_sound_case_is_called_valid(browser: Browser) -> None:
    browser.open("cases/three-bus")
    browser.click("#check")
    assert browser.text("#verdict-title").startswith("Valid · 0")


def test_saved_under_a_name_the_case_holds_the_edit(browser: Browser, opened: Opened) -> None:
    browser.open("cases/three-bus")
    browser.enter(browser.cell("units", "p_max_mw", 2), "75")
    browser.enter("#as", "bigger oil")
    browser.click("#save")
    assert browser.at("/cases/bigger-oil") == "bigger-oil"
    assert browser.find(browser.cell("units", "p_max_mw", 2)).get_attribute("value") == "75"
    tree = opened.house.workspace.case_tree(opened.house.workspace.case_folder("bigger-oil"))
    assert tree["units"]["p_max_mw"][2] == 75
    assert (
        opened.house.workspace.case_tree(opened.house.workspace.case_folder("three-bus"))["units"]["p_max_mw"][2] == 60
    )


def test_a_run_with_an_edit_ends_with_its_figures(browser: Browser) -> None:
    browser.open("cases/three-bus")
    browser.click("#run")
    browser.at("/runs/")
    browser.until(lambda: browser.text("#state") == "done", "the end of the run")
    assert browser.text("#audit") == "audit passed"
    assert "6,210.00" in browser.text("#headline")


def test_prices_by_bus_and_period_and_a_chart_of_them(browser: Browser, opened: Opened) -> None:
    name = run_of(opened)
    browser.open(f"runs/{name}")
    browser.find("#table tbody tr")
    heads = [head.text for head in browser.all("#table thead th")]
    assert heads == ["", "bus", "zone", "10:30", "11:00", "11:30", "12:00"]
    cells = [cell.text for cell in browser.all("#table tbody tr:nth-child(3) > *")]
    told = send(opened, "GET", f"/api/runs/{name}/tables/prices").object["rows"][2]
    assert [float(c) for c in cells[3:]] == pytest.approx(told[2:], abs=1e-3)
    browser.click("#table tbody tr:nth-child(3) input")
    browser.find("#chart .scatterlayer .trace")
    browser.enter("#find", "east")
    browser.until(lambda: len(browser.all("#table tbody tr")) == 1, "one bus in the east")
    browser.click('#tabs button[data-table="dispatch"]')
    browser.until(lambda: "G1" in browser.text("#table"), "dispatch of G1")


def test_progress_is_seen_and_cancel_ends_the_run(browser: Browser, tmp_path: Path, opened: Opened) -> None:
    browser.open()
    browser.find("#files").send_keys(str(slow_case(tmp_path)))
    browser.click("#upload button")
    browser.at("/cases/slow")
    browser.enter("#gap", "0")
    browser.enter("#seconds", "300")
    browser.click("#run")
    name = browser.at("/runs/")
    browser.until(lambda: browser.text("#bound") != "–", "a bound")
    assert browser.text("#stage") in ("form", "commit")
    assert float(browser.text("#clock")) > 0
    began = time.monotonic()
    browser.click("#cancel")
    browser.until(lambda: browser.text("#state") == "cancelled", "the end of the run")
    assert time.monotonic() - began < 10
    assert not (opened.house.workspace.run_folder(name) / "result.json").exists()
    assert run_of(opened)  # the worker is free again


def test_a_report_opens_from_the_run(browser: Browser, opened: Opened) -> None:
    name = run_of(opened)
    browser.open(f"runs/{name}")
    browser.click("#report")
    browser.at("report.html")
    browser.find(".canvas svg")
    assert "6,210" in browser.text("#summary")
    assert browser.text("#summary h2") == "Summary"
    browser.click('label[for="chinese"]')
    assert browser.text("#summary h2") == "概览"
    browser.until(lambda: "煤电" in browser.text("#dispatch .legend"), "the legend in Chinese")


def test_downloads_are_what_the_files_are(browser: Browser, opened: Opened) -> None:
    name = run_of(opened)
    browser.open(f"runs/{name}")
    browser.find("#table tbody tr")
    browser.click("#csv")
    browser.click("#all")
    for file in ("prices.csv", f"{name}.zip"):
        browser.until((browser.downloads / file).is_file, file)
    assert (browser.downloads / "prices.csv").read_bytes() == (
        opened.house.workspace.run_folder(name) / "prices.csv"
    ).read_bytes()
    browser.open("cases/three-bus")
    browser.click("#download")
    browser.until((browser.downloads / "three-bus.json").is_file, "three-bus.json")
    downloaded, findings = case_file.case_from_json((browser.downloads / "three-bus.json").read_text())
    assert not findings
    assert downloaded is not None
    assert case_file.case_to_bytes(downloaded) == case_file.case_to_bytes(read(CASE))


def test_runs_are_compared_with_the_differences_first(browser: Browser, opened: Opened) -> None:
    more = {"sheet": "loads", "field": "mw", "row": 0, "period": 2, "value": "155"}
    before, after = run_of(opened), run_of(opened, more)
    browser.open(f"runs/{after}")
    browser.click(f'#other option[value="{before}"]')
    browser.click("#compare")
    browser.at("/compare")
    costs = [opened.house.workspace.run_facts(name)["cost"] for name in (before, after)]
    assert costs[1] > costs[0]
    assert f"+{costs[1] - costs[0]:,.2f}" in browser.text("#summary .tile")
    assert "load-C: 150.000 → 155.000" in browser.text("#inputs")
    browser.find(".canvas svg")
    browser.open()
    for name in (before, after):
        browser.click(f'#runs input[value="{name}"]')
    browser.click("#compare-button")
    browser.at("/compare")
    assert before in browser.text("h1")


def test_hostile_names_are_only_names(browser: Browser, opened: Opened, tmp_path: Path) -> None:
    tree = json.loads(case_file.case_to_json(read(CASE)))
    tree["name"] = HOSTILE
    old, new = tree["units"]["id"][0], HOSTILE[:90]
    text = json.dumps(tree).replace(json.dumps(old), json.dumps(new)).replace('"east"', json.dumps("<b>east</b>"))
    path = tmp_path / "hostile.json"
    path.write_text(text)
    browser.open()
    browser.find("#files").send_keys(str(path))
    browser.click("#upload button")
    browser.at("/cases/hostile")
    assert browser.text("h1") == HOSTILE
    assert browser.text("#sheet tbody th .name") == new
    browser.enter(browser.cell("units", "p_min_mw", 0), "500")
    browser.click("#check")
    assert new in browser.text("#findings li.error")
    browser.enter(browser.cell("units", "p_min_mw", 0), "20")
    browser.click("#run")
    name = browser.at("/runs/")
    browser.until(lambda: browser.text("#state") == "done", "the end of the run")
    browser.click('#tabs button[data-table="dispatch"]')
    browser.until(lambda: new in browser.text("#table"), "the unit in the table")
    browser.click("#table tbody input")
    browser.find("#chart .scatterlayer .trace")
    browser.open(f"runs/{name}/files/report.html")
    browser.find(".canvas svg")
    browser.open()
    assert HOSTILE in browser.text("#runs")
    compared = f"compare?run={run_of(opened)}&run={name}"
    for page in ("", "cases/hostile", f"runs/{name}", f"runs/{name}/files/report.html", compared):
        browser.open(page)
        browser.find("h1")
        assert browser.driver.title not in ("1", "2")
        assert not browser.all("img[src=x]")


def test_an_application_is_judged_and_its_page_opens(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / f"{HOSTILE[:10].replace('/', '')}.json"
    file.write_text(json_format.MessageToJson(applications.direct()), encoding="utf-8")
    browser.open()
    browser.find('#judge select option[value="entry"]').click()
    browser.find('#judge input[type="file"]').send_keys(str(file))
    browser.click("#judge button")
    assert "VALID" in browser.find("#verdict").text
    browser.click("#pages a")
    browser.until(lambda: "20240824009" in browser.find("body").text, "the work order")
    browser.open()
    assert "entry" in browser.find("#judged").text
