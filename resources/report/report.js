// The page is whole without this. It sorts tables by a click on a heading, and filters them and the cards.
"use strict";
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const headings = [...table.tHead.rows[0].cells];
  headings.forEach((heading, column) => {
    if (heading.matches(".plain")) return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const numbers = heading.matches(".n, .barred");
      const before = heading.getAttribute("aria-sort");
      const down = before ? before === "ascending" : numbers;
      const key = (row) => {
        const cell = row.cells[column];
        return numbers ? Number(cell.dataset.value ?? cell.textContent.replace(/\D/g, "")) : cell.textContent;
      };
      const order = numbers ? (a, b) => key(a) - key(b) : (a, b) => key(a).localeCompare(key(b));
      const rows = [...body.rows].sort((a, b) => (down ? order(b, a) : order(a, b)));
      headings.forEach((other) => other.removeAttribute("aria-sort"));
      heading.setAttribute("aria-sort", down ? "descending" : "ascending");
      body.append(...rows);
    });
  });
}
for (const list of document.querySelectorAll("[data-filter]")) {
  const parts = list.tBodies ? [...list.tBodies[0].rows] : [...list.children];
  if (parts.length < 8) continue;
  const input = document.createElement("input");
  input.type = "search";
  input.placeholder = `Find ${list.dataset.filter}`;
  input.setAttribute("aria-label", input.placeholder);
  const texts = parts.map((part) => part.textContent.toLowerCase());
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    parts.forEach((part, i) => (part.hidden = !words.every((word) => texts[i].includes(word))));
  });
  (list.closest(".scroll") ?? list).before(input);
}
