// Keeps relative times true while a page stays open; the words are those of portal.web.wording.relative.
const MINUTE = 60, HOUR = 3600, DAY = 86400;
const STEPS = [[90 * MINUTE, MINUTE, "min"], [36 * HOUR, HOUR, "h"], [30 * DAY, DAY, "d"]];

function relative(at) {
  const gap = (Date.now() - at) / 1000;
  const distance = Math.abs(gap);
  if (distance < 45) return gap >= 0 ? "just now" : "in a moment";
  const step = STEPS.find(([limit]) => distance < limit);
  if (!step) return new Date(at).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
  const amount = `${Math.round(distance / step[1])} ${step[2]}`;
  return gap >= 0 ? `${amount} ago` : `in ${amount}`;
}

function refresh() {
  if (document.hidden) return;
  for (const time of document.querySelectorAll("time[data-relative]")) {
    const words = relative(Date.parse(time.dateTime));
    if (time.textContent !== words) time.textContent = words;
  }
}

refresh();
setInterval(refresh, 30_000);
document.addEventListener("visibilitychange", refresh);
