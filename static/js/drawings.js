// A drawing that is wider than its card begins with its first box in view.
for (const drawing of document.querySelectorAll(".scroll svg.drawing")) {
  const frame = drawing.closest(".scroll");
  const first = drawing.querySelector("rect")?.getBoundingClientRect();
  if (!first || frame.scrollWidth <= frame.clientWidth) continue;
  const centre = first.left + first.width / 2 - frame.getBoundingClientRect().left;
  frame.scrollLeft += centre - frame.clientWidth / 2;
}
