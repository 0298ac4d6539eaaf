// The views of an edit as tabs: arrow keys move between them, and only one is in the Tab order.
export function startTabs(list, { leave, enter }) {
  const tabs = [...list.querySelectorAll("[role=tab]")];
  const panel = (tab) => document.getElementById(tab.getAttribute("aria-controls"));
  const name = (tab) => tab.id.replace("tab-", "");
  const chosen = () => tabs.find((tab) => tab.getAttribute("aria-selected") === "true");

  function choose(tab) {
    for (const one of tabs) {
      const is = one === tab;
      one.setAttribute("aria-selected", String(is));
      one.tabIndex = is ? 0 : -1;
      panel(one).hidden = !is;
    }
    enter(name(tab));
  }

  function go(tab) {
    if (tab === chosen() || !leave()) return;
    choose(tab);
    tab.focus();
  }

  list.addEventListener("click", (event) => {
    const tab = event.target.closest("[role=tab]");
    if (tab) go(tab);
  });
  list.addEventListener("keydown", (event) => {
    const at = tabs.indexOf(chosen());
    const back = getComputedStyle(list).direction === "rtl" ? "ArrowRight" : "ArrowLeft";
    const steps = { ArrowLeft: 1, ArrowRight: 1, [back]: -1 };
    const there = { Home: 0, End: tabs.length - 1 }[event.key] ?? at + (steps[event.key] ?? 0);
    if (there === at && !["Home", "End"].includes(event.key)) return;
    event.preventDefault();
    go(tabs[(there + tabs.length) % tabs.length]);
  });
  return {
    start: (first) => {
      for (const tab of tabs) {
        panel(tab).setAttribute("role", "tabpanel");
        panel(tab).setAttribute("aria-labelledby", tab.id);
      }
      choose(tabs.find((tab) => name(tab) === first));
    },
    current: () => name(chosen()),
    focus: () => chosen().focus(),
  };
}
