// J and K walk the rows of table[data-listkeys] by moving the focus to each row's first link; Enter opens it by itself.
const on = () => document.documentElement.dataset.shortcuts !== "off";

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !on()) return;
  const step = { j: 1, k: -1 }[event.key];
  if (!step || event.target.closest("input, textarea, select, [contenteditable], dialog[open]")) return;
  const links = [...document.querySelectorAll("table[data-listkeys] tbody tr")].map((row) => row.querySelector("a[href]")).filter(Boolean);
  if (!links.length) return;
  const row = document.activeElement?.closest("table[data-listkeys] tbody tr");
  const here = row ? links.findIndex((link) => row.contains(link)) : -1;
  const next = here < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, here + step));
  links[next].focus({ preventScroll: true });
  links[next].closest("tr").scrollIntoView({ block: "nearest" });
  event.preventDefault();
});
