// What is looked at, and why, is told in accessible.py.

(() => {
  const found = new Set();
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const called = (e) => {
    const id = e.id ? `#${e.id}` : "";
    const classes = (e.getAttribute("class") ?? "").split(/\s+/).filter(Boolean).map((c) => `.${c}`).join("");
    return `${e.localName}${id}${classes} '${e.textContent.trim().replace(/\s+/g, " ").slice(0, 40)}'`;
  };
  const complain = (what, e) => found.add(e ? `${what}: ${called(e)}` : what);
  const seen = (e) => e.checkVisibility({visibilityProperty: true}) && e.getClientRects().length > 0;
  const spoken = (e) => seen(e) && !e.closest("[aria-hidden=true]");

  // names (4.1.2), labels (3.3.2), what pictures are called (1.1.1)

  const textOf = (ids) => ids.trim().split(/\s+/).map((id) => document.getElementById(id)?.textContent ?? "").join(" ");
  function heard(e) { // the text of an element as it is read aloud
    if (e.nodeType === Node.TEXT_NODE) return e.data;
    if (e.nodeType !== Node.ELEMENT_NODE || e.getAttribute("aria-hidden") === "true" || e.hidden) return "";
    return e.getAttribute("aria-label") ?? e.getAttribute("alt")
      ?? ([...e.childNodes].map(heard).join("") || (e.getAttribute("title") ?? ""));
  }
  function given(e) { // a name that is not the element's own text
    if (e.hasAttribute("aria-labelledby")) return textOf(e.getAttribute("aria-labelledby")).trim();
    return (e.getAttribute("aria-label") ?? [...(e.labels ?? [])].map(heard).join(" ")).trim();
  }
  const FIELD = "input:not([type=submit], [type=button], [type=reset]), select, textarea";
  const CONTROLS = "a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], [role=link], " +
    "[role=checkbox], [role=radio], [role=switch], [role=tab], [role=slider], [role=menuitem], [role=option], [tabindex='0']";
  for (const e of all(CONTROLS)) {
    if (!seen(e)) continue;
    if (e.closest("[aria-hidden=true]")) complain("can be focused and is hidden from readers", e);
    else if (e.matches(FIELD)) given(e) || complain("has no label", e);
    else if (!given(e) && !heard(e).trim() && !e.value) complain("has no name", e);
  }
  for (const e of all("img, svg, canvas, [role=img]")) {
    if (!seen(e) || e.closest("[aria-hidden=true]") || e.parentElement.closest("svg, [role=img]")) continue;
    if (e.localName === "img") {
      if (!e.hasAttribute("alt")) complain("picture without alt", e);
    } else if (!e.getAttribute("role")) complain("picture without a role", e);
    else if (!given(e) && !e.querySelector("title")?.textContent) complain("picture without a name", e);
  }
  for (const e of all("dialog, [role=dialog], [role=region], [role=group], [role=tablist], fieldset")) {
    if (!spoken(e)) continue;
    const name = e.localName === "fieldset" ? e.querySelector("legend")?.textContent : "";
    if (!given(e) && !name?.trim()) complain("has no name", e);
  }
  for (const e of all("table")) {
    if (!spoken(e)) continue;
    if (!e.querySelector("caption") && !given(e)) complain("table without a name", e);
    if (!e.querySelector("th")) complain("table without header cells", e);
  }
  for (const e of all("th")) if (spoken(e) && !heard(e).trim() && !e.getAttribute("abbr")) complain("empty header cell", e);
  for (const e of all("ul, ol")) {
    for (const child of e.children) if (!/^(li|script|template)$/.test(child.localName)) complain("list with more than items", e);
  }

  // the page: language (3.1.1), title (2.4.2), one main, headings in order (1.3.1, 2.4.6)

  if (!document.documentElement.lang) complain("the document has no language");
  if (!document.title.trim()) complain("the document has no title");
  const mains = all("main, [role=main]").filter(spoken);
  if (mains.length !== 1) complain(`${mains.length} main landmarks`);
  const headings = all("h1, h2, h3, h4, h5, h6").filter(spoken);
  if (headings.filter((e) => e.localName === "h1").length !== 1) complain("not one h1");
  let depth = 0;
  for (const e of headings) {
    const level = Number(e.localName[1]);
    if (level > depth + 1) complain(`heading of level ${level} after ${depth}`, e);
    if (!heard(e).trim()) complain("empty heading", e);
    depth = level;
  }
  const ids = new Map();
  for (const e of all("[id]")) {
    if (ids.has(e.id)) complain("id given twice", e);
    ids.set(e.id, e);
  }
  for (const attribute of ["aria-labelledby", "aria-describedby", "aria-controls", "for"]) {
    for (const e of all(`[${attribute}]`)) {
      for (const id of e.getAttribute(attribute).trim().split(/\s+/)) {
        if (!ids.has(id)) complain(`${attribute} names nothing (${id})`, e);
      }
    }
  }
  for (const e of all("[tabindex]")) if (e.tabIndex > 0) complain("positive tabindex", e);

  // targets of 24 px or more (2.5.8); links in the run of a sentence are excepted there

  for (const e of all(CONTROLS)) {
    if (!seen(e)) continue;
    const inline = e.localName === "a" && getComputedStyle(e).display === "inline"
      && e.parentElement.textContent.trim().length > e.textContent.trim().length;
    if (inline) continue;
    const targets = [e, ...(e.labels ?? [])].map((t) => t.getBoundingClientRect());
    if (!targets.some((r) => r.width >= 23.5 && r.height >= 23.5)) {
      const {width, height} = targets[0];
      complain(`target of ${Math.round(width)}x${Math.round(height)} px`, e);
    }
  }

  // contrast (1.4.3) of every text with what lies behind it

  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const pixel = canvas.getContext("2d", {willReadFrequently: true});
  const known = new Map();
  function rgba(colour) {
    if (!known.has(colour)) {
      pixel.clearRect(0, 0, 1, 1);
      pixel.fillStyle = colour;
      pixel.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = pixel.getImageData(0, 0, 1, 1).data;
      known.set(colour, [r, g, b, a / 255]);
    }
    return known.get(colour);
  }
  const over = (top, below, alpha = 1) => {
    const a = top[3] * alpha;
    return [0, 1, 2].map((n) => top[n] * a + below[n] * (1 - a)).concat(1);
  };
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const canvasColour = rgba(dark ? "#121212" : "#fff");
  function drawnBehind(e, ground) { // shapes of a picture that lie under a text of it
    const svg = e.closest("svg");
    if (!svg) return ground;
    const box = e.getBoundingClientRect();
    let colour = ground;
    for (const shape of all("rect, circle, ellipse, path, polygon", svg)) {
      if (shape.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_PRECEDING) continue;
      const style = getComputedStyle(shape);
      if (style.fill === "none" || !shape.getScreenCTM()) continue;
      const point = new DOMPoint(box.x + box.width / 2, box.y + box.height / 2).matrixTransform(shape.getScreenCTM().inverse());
      if (shape.isPointInFill(point)) colour = over(rgba(style.fill), colour, style.fillOpacity * style.opacity);
    }
    return colour;
  }
  function groundOf(e) {
    const layers = [];
    for (let at = e; at; at = at.parentElement) layers.unshift(at);
    let colour = canvasColour;
    for (const layer of layers) {
      const style = getComputedStyle(layer);
      const before = colour;
      colour = over(rgba(style.backgroundColor), colour);
      if (style.opacity < 1) colour = over(colour, before, Number(style.opacity));
      if (/gradient/.test(style.backgroundImage)) complain("text over a gradient is not looked at", e);
    }
    return drawnBehind(e, colour);
  }
  const light = (c) => {
    const [r, g, b] = c.map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const e = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || /^(script|style|noscript|title|option)$/.test(e.localName) || !seen(e)) continue;
    const range = document.createRange();
    range.selectNode(texts.currentNode);
    const {width, height} = range.getBoundingClientRect();
    const clipped = e.closest(".unseen");
    if (clipped || width < 2 || height < 2 || e.closest(":disabled, [aria-disabled=true]")) continue;
    const style = getComputedStyle(e);
    const ground = groundOf(e);
    let opacity = 1;
    for (let at = e; at; at = at.parentElement) opacity *= Number(getComputedStyle(at).opacity);
    const ink = over(rgba(e.closest("svg") ? style.fill : style.color), ground, opacity);
    const [bright, dim] = [light(ink), light(ground)].sort((a, b) => b - a);
    const ratio = (bright + 0.05) / (dim + 0.05);
    const size = parseFloat(style.fontSize);
    const least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    if (ratio < least - 0.005) complain(`contrast ${ratio.toFixed(2)} under ${least}`, e);
  }
  return [...found];
})
