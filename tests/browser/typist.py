"""Somebody without a pointer: everything by Tab, Enter, Space, arrows and what is typed."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.browser.desk import scripts_run

FARTHEST = 150
FOCUSED = "element => element === document.activeElement"
# A ring around the control, or around the label that stands for it; and nothing lies over it.
RING = """element => {
  const ringed = (one) => {
    const style = one && getComputedStyle(one);
    return style && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  };
  return element.matches(":focus-visible") && [element, element.closest("label")].some(ringed);
}"""
UNCOVERED = """element => {
  const { left, top, width, height } = element.getClientRects()[0];
  const met = document.elementFromPoint(left + width / 2, top + height / 2);
  return met !== null && (element.contains(met) || met.contains(element));
}"""


class Typist:
    """A page that is worked by its keyboard alone."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        page.goto(address)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def to(self, target: Locator) -> Locator:
        """Walks by the Tab key until `target` has the focus, and sees that one can see it."""
        scripts_run(self.page)
        for _step in range(FARTHEST):
            if target.evaluate(FOCUSED):
                assert target.evaluate(RING), "the focus is not to be seen"
                assert target.evaluate(UNCOVERED), "the focus is covered"
                return target
            self.press("Tab")
        raise AssertionError(f"{target} cannot be reached by keyboard")

    def open(self, name: str) -> None:
        """Follows the link of this name; the next page starts at its top again."""
        before = self.page.url
        self.to(self.page.get_by_role("link", name=name, exact=True).first)
        self.press("Enter")
        self.page.wait_for_url(lambda url: url != before)

    def push(self, name: str, key: str = "Enter") -> None:
        """Presses the button of this name."""
        self.to(self.page.get_by_role("button", name=name, exact=True))
        self.press(key)

    def write(self, label: str, text: str) -> None:
        """Types into the field of this label, instead of what it held."""
        field = self.to(self.page.get_by_label(label, exact=True))
        self.press("ControlOrMeta+a")
        self.page.keyboard.type(text)
        expect(field).to_have_value(text)

    def choose(self, label: str, value: str) -> None:
        """Goes through a list of choices by arrows until `value` is chosen."""
        field = self.to(self.page.get_by_label(label, exact=True))
        self.press("Home")
        for _step in range(FARTHEST):
            if field.input_value() == value:
                return
            self.press("ArrowDown")
        raise AssertionError(f"{value} is not among the choices")

    def tick(self, target: Locator) -> None:
        """Turns a check box round."""
        before = self.to(target).is_checked()
        self.press("Space")
        expect(target).to_be_checked(checked=not before)
