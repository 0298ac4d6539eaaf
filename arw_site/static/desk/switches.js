// Choosing many switches at once: all on the page by one button, and how many are chosen.
const bar = document.querySelector("[data-bulk]");

function picks() {
  return [...document.querySelectorAll("[data-pick]")];
}

function count() {
  const chosen = picks().filter((box) => box.checked).length;
  const words = chosen === 1 ? bar.dataset.one : bar.dataset.many;
  bar.querySelector("[data-bulk-count]").textContent = chosen ? words.replace("#", chosen) : "";
  const all = chosen === picks().length;
  bar.querySelector("[data-pick-all]").setAttribute("aria-pressed", String(all));
  bar.classList.toggle("has-chosen", chosen > 0);
}

if (bar) {
  bar.querySelector("[data-pick-all]").addEventListener("click", () => {
    const all = picks().every((box) => box.checked);
    for (const box of picks()) box.checked = !all;
    count();
  });
  document.addEventListener("change", (event) => event.target.matches("[data-pick]") && count());
  document.addEventListener("desk:refreshed", count);
  // Boxes that the browser remembers are ticked after this has run.
  window.addEventListener("pageshow", count);
}
