// Sets the theme before the first paint; the choice is kept in this browser. "auto" follows the system.
(() => {
  const KEY = "countersign.theme";
  const ORDER = ["auto", "light", "dark"];
  const WORDS = { auto: "as the system", light: "light", dark: "dark" };
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  let forPaper = false;

  function chosen() {
    try {
      const kept = localStorage.getItem(KEY);
      return ORDER.includes(kept) ? kept : "auto";
    } catch { return "auto"; } // storage may be forbidden
  }

  function apply() {
    const choice = chosen();
    const theme = choice === "auto" ? (system.matches ? "dark" : "light") : choice;
    const shown = forPaper ? "light" : theme;
    if (root.dataset.bsTheme !== shown) {
      root.dataset.bsTheme = shown;
      document.dispatchEvent(new CustomEvent("countersign:theme", { detail: shown }));
    }
    for (const button of document.querySelectorAll("[data-theme-toggle]")) {
      button.setAttribute("aria-label", `Theme: ${WORDS[choice]}. Change`);
      button.title = `Theme: ${WORDS[choice]}`;
      for (const face of button.querySelectorAll("[data-theme-shown]")) face.hidden = face.dataset.themeShown !== choice;
    }
  }

  root.classList.add("js");
  apply();
  document.addEventListener("DOMContentLoaded", apply);
  system.addEventListener("change", apply);
  addEventListener("storage", (event) => { if (event.key === KEY) apply(); });
  addEventListener("beforeprint", () => { forPaper = true; apply(); for (const d of document.querySelectorAll("details:not([open], .filters)")) { d.open = true; d.dataset.forPaper = ""; } });
  addEventListener("afterprint", () => { forPaper = false; apply(); for (const d of document.querySelectorAll("details[data-for-paper]")) { d.open = false; delete d.dataset.forPaper; } });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-toggle]")) return;
    const next = ORDER[(ORDER.indexOf(chosen()) + 1) % ORDER.length];
    try { localStorage.setItem(KEY, next); } catch { return; }
    apply();
    document.dispatchEvent(new CustomEvent("countersign:announce", { detail: `Theme ${WORDS[next]}` }));
  });
})();
