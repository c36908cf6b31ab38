// Polled fragments: quiet on a hidden tab, slower when nothing changes, swapped only when different, announced politely.
// A polled element has an id, hx-get, hx-trigger="every 2s" and, for announcements, data-announce="what is true now".
// Whatever is known of it is kept by its id, since each swap puts a new element in its place.
const seen = new Map(); // id -> the last answer
const skips = new Map(); // id -> [polls to skip, how many to skip next time]
const MOST_SKIPPED = 4; // so 2 s becomes 10 s at most

const polled = (element) => element?.matches?.('[hx-trigger*="every"]');
const spoken = new Map(); // id -> the last announcement

document.addEventListener("htmx:beforeRequest", (event) => {
  const element = event.detail.elt;
  if (!polled(element)) return;
  const [left, next] = skips.get(element.id) ?? [0, 1];
  if (document.hidden || left > 0) {
    event.preventDefault();
    if (left > 0) skips.set(element.id, [left - 1, next]);
  }
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const { elt: element, xhr } = event.detail;
  if (!polled(element)) return;
  if (xhr.status >= 400 || seen.get(element.id) === xhr.responseText) {
    event.detail.shouldSwap = false; // the same answer keeps selection, focus and scroll as they are
    const [, next] = skips.get(element.id) ?? [0, 1];
    skips.set(element.id, [next, Math.min(next * 2, MOST_SKIPPED)]);
    return;
  }
  seen.set(element.id, xhr.responseText);
  skips.delete(element.id);
});

document.addEventListener("htmx:afterSettle", () => { announce(); });

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  skips.clear();
});

function announce(quietly = false) {
  for (const element of document.querySelectorAll("[data-announce]")) {
    const words = element.dataset.announce;
    if (!quietly && spoken.has(element.id) && spoken.get(element.id) !== words) {
      document.dispatchEvent(new CustomEvent("countersign:announce", { detail: words }));
    }
    spoken.set(element.id, words);
  }
}
announce(true);
