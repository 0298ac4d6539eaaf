"""axe-core on a page, as WCAG 2.2 AA."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).resolve().parent / "vendor" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def axe_findings(page: Page) -> list[str]:
    """One line for each rule that the page breaks, with the elements; empty when it breaks none.

    The script enters by the debugger and not by a tag: the page's policy stays in force.
    """
    page.wait_for_load_state()  # a page whose styles are still to come breaks rules that it keeps
    page.evaluate(f"{AXE.read_text(encoding='utf-8')}\n;undefined")
    result: dict[str, Any] = page.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", RULES
    )
    return [
        f"{broken['id']}: {broken['help']}: {[node['html'] for node in broken['nodes']]}"
        for broken in result["violations"]
    ]
