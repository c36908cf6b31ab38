// Escape closes the panel beside a list; the panel itself is a plain link away.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.target.closest("input, textarea, select, dialog[open]")) return;
  document.querySelector("[data-peek-close]")?.click();
});
