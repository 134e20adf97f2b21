// Returns every visible text whose contrast with its background is below 4.5, or that is made paler.
() => {
  const numbers = (colour) => colour.match(/[\d.]+/g).map(Number);
  const channel = (value) => (value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const faults = [];
  for (const element of document.querySelectorAll("body *:not(script, style, noscript)")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || !element.checkVisibility()) continue;
    let background = null;
    let opacity = 1;
    for (let box = element; box; box = box.parentElement) {
      const style = getComputedStyle(box);
      const colour = numbers(style.backgroundColor);
      opacity *= Number(style.opacity);
      if (!background && (colour[3] ?? 1) === 1) background = colour;
    }
    const shades = [light(numbers(getComputedStyle(element).color)), light(background)];
    const ratio = (Math.max(...shades) + 0.05) / (Math.min(...shades) + 0.05);
    if (opacity > 0 && (ratio < 4.5 || opacity < 1)) faults.push([element.className, element.textContent.slice(0, 40), ratio, opacity]);
  }
  return faults;
}
