// Draws each [data-chart] from its json_script. A colour "var(--cs-…)" anywhere in the figure is read from the tokens,
// so one figure serves both themes; it is drawn anew when the theme changes.
const CONFIG = { displayModeBar: false, responsive: true, showTips: false, doubleClick: "reset" };
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function coloured(value) {
  if (typeof value === "string") {
    const name = /^var\((--cs-[a-z0-9-]+)\)$/.exec(value)?.[1];
    return name ? token(name) : value;
  }
  if (Array.isArray(value)) return value.map(coloured);
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, coloured(held)]));
  return value;
}

function axis(given) {
  return { gridcolor: token("--cs-line"), zeroline: false, linecolor: token("--cs-line-strong"), tickcolor: token("--cs-line-strong"), tickangle: 0, automargin: true, ...given };
}

function layout(given, lying) {
  const { template, ...own } = given; // Plotly's own template would bring its own colours
  const plain = {
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", autosize: true,
    font: { family: token("--cs-sans"), size: 12, color: token("--cs-muted") },
    margin: { l: 48, r: 16, t: 16, b: 36 }, bargap: 0.3, hovermode: "x unified",
    hoverlabel: { bgcolor: token("--cs-surface"), bordercolor: token("--cs-line-strong"), font: { color: token("--cs-ink"), family: token("--cs-sans") } },
    legend: { orientation: "h", traceorder: "normal", y: 1.02, yanchor: "bottom", x: 0, font: { color: token("--cs-ink") } },
    colorway: [1, 2, 3, 4, 5, 6].map((n) => token(`--cs-series-${n}`)),
    ...own,
  };
  for (const name of new Set(["xaxis", "yaxis", ...Object.keys(own).filter((key) => /^[xy]axis\d*$/.test(key))])) {
    const along = lying ? "y" : "x"; // only the axis that carries the amounts needs lines
    plain[name] = axis({ showgrid: !name.startsWith(along), ...own[name] });
  }
  return plain;
}

const NARROW = 420; // pixels: below, there is room for every second mark of time, and for the first and last amount

function draw(place) {
  const figure = coloured(JSON.parse(document.getElementById(place.dataset.chart).textContent));
  if (figure.layout?.height) place.style.height = `${figure.layout.height}px`; // many bars: each needs room for its name
  const along = figure.layout?.xaxis;
  if (along?.dtick && place.clientWidth < NARROW) along.dtick = along.type === "date" ? along.dtick * 2 : along.range[1];
  return Plotly.react(place, figure.data ?? [], layout(figure.layout ?? {}, figure.data?.some((trace) => trace.orientation === "h")), CONFIG);
}

const drawAll = () => { for (const place of document.querySelectorAll("[data-chart]")) draw(place); };

document.addEventListener("countersign:theme", drawAll);
drawAll();
