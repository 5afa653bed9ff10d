/**
 * A line chart with the table behind it. Lines are told apart by dashes and by their names at their
 * ends, not by colour alone; the picture is drawn in real pixels, so its words keep their size.
 */

import {element, setText} from "../shell/dom.js";
import {figure} from "../board/document.js";
import {part} from "./face.js";

const SVG = "http://www.w3.org/2000/svg";
const TICKS = 5;
const ROUND = [1, 2, 5, 10];
const ROUND_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600]; // as clocks have it

/** Sizes in pixels where the page's letters have `rem` of them: walls write larger. */
const sizes = (rem) => ({
  height: 14.5 * rem,
  margin: {top: 0.8 * rem, bottom: 1.5 * rem, left: 2.5 * rem},
  letter: 0.49 * rem, // of a name, about
  line: 0.84 * rem, // names at lines' ends stand apart by this
  label: 6.2 * rem, // the room for a word below
});

/**
 * `{title, labels, series: [{name, values}], corner, hidden, stepped, inverted, text}`: a value for each
 * label or undefined; `inverted`: small is above (ranks); `text` writes a value; `timed`: values are
 * milliseconds; `stepped`: a value lasts until the next, the last one to the end.
 */
export function chart(host, name, shown) {
  part(host, `chart ${name}`, () => document.createElement("figures-chart")).show(shown);
}

class FiguresChart extends HTMLElement {
  connectedCallback() {
    if (this.picture) return;
    this.heading = element("h2");
    this.toggle = element("button", "toggle");
    this.toggle.type = "button";
    this.toggle.addEventListener("click", () => {
      this.asTable = !this.asTable;
      this.draw();
    });
    const top = element("div", "row");
    top.append(this.heading, this.toggle);
    this.picture = document.createElementNS(SVG, "svg");
    this.picture.setAttribute("role", "img");
    this.table = document.createElement("figures-table");
    this.append(top, this.picture, this.table);
    new ResizeObserver(() => this.draw()).observe(this);
  }

  show(shown) {
    this.hidden = Boolean(shown.hidden);
    this.shown = shown;
    if (!this.hidden) this.draw();
  }

  draw() {
    if (!this.shown || this.hidden) return;
    const {title, labels, series, corner = "", text = figure} = this.shown;
    setText(this.heading, title);
    setText(this.toggle, this.asTable ? "Show as a picture" : "Show as a table");
    this.picture.toggleAttribute("hidden", Boolean(this.asTable));
    if (this.asTable) {
      this.table.show({
        caption: title,
        corner,
        columns: series.map(({name}, n) => ({key: `s${n}`, label: name})),
        rows: labels.map((label, at) => [`${at}`, {
          name: label,
          cells: Object.fromEntries(series.map(({values}, n) => [`s${n}`, values[at] === undefined ? "" : text(values[at])])),
        }]),
      });
    } else this.table.hidden = true;
    const last = series.map(({name, values}) => `${name} ${text(values.findLast((v) => v !== undefined) ?? "")}`);
    this.picture.setAttribute("aria-label", `${title}, at the end: ${last.join(", ")}. The button shows all as a table.`);
    const width = this.heading.parentElement.clientWidth;
    if (!this.asTable && width) this.picture.replaceChildren(...this.lines(width));
  }

  lines(width) {
    const {labels, series, stepped, inverted, timed, text = figure} = this.shown;
    const {height: HEIGHT, margin: MARGIN, letter, line, label} = sizes(parseFloat(getComputedStyle(document.documentElement).fontSize));
    const longest = Math.max(...series.map(({name}) => name.length));
    const right = Math.min(width * 0.35, longest * letter + 16);
    this.picture.setAttribute("width", width);
    this.picture.setAttribute("height", HEIGHT);
    const known = series.flatMap(({values}) => values.filter((v) => v !== undefined));
    const [low, high] = [Math.min(...known), Math.max(...known)];
    const space = high - low || 1;
    const places = stepped ? labels.length : Math.max(1, labels.length - 1);
    const x = (at) => MARGIN.left + (at / places) * (width - MARGIN.left - right);
    const up = (value) => (inverted ? (value - low) / space : (high - value) / space);
    const y = (value) => MARGIN.top + up(value) * (HEIGHT - MARGIN.top - MARGIN.bottom);
    const steps = timed ? clockTicks(low, high) : ticks(low, high, known.every(Number.isInteger) ? 1 : 0);
    const made = steps.flatMap((value) => [
      drawn("line", {class: "grid", x1: MARGIN.left, x2: width - right, y1: y(value), y2: y(value)}),
      written(text(value), {class: "axis", x: MARGIN.left - 6, y: y(value) + 4, "text-anchor": "end"}),
    ]);
    for (const at of apart(labels.length, Math.max(2, Math.floor((width - right) / label)))) {
      const anchor = at === 0 ? "start" : at === places ? "end" : "middle";
      made.push(written(short(labels[at]), {class: "axis", x: x(at), y: HEIGHT - 6, "text-anchor": anchor}));
    }
    series.forEach(({values}, n) => {
      made.push(drawn("path", {class: `series s${n % 8}`, d: path(values, x, y, stepped) + (stepped && values.at(-1) !== undefined ? `H${x(places)}` : "")}));
    });
    return [...made, ...names(series, (at) => (stepped && at === labels.length - 1 ? x(places) : x(at)), y, {right, letter, line, height: HEIGHT})];
  }
}

function path(values, x, y, stepped) {
  let d = "";
  let before;
  values.forEach((value, at) => {
    if (value === undefined) return;
    if (before === undefined) d += `M${x(at)} ${y(value)}`;
    else d += stepped ? `L${x(at)} ${y(before)}L${x(at)} ${y(value)}` : `L${x(at)} ${y(value)}`;
    before = value;
  });
  return d;
}

/** The names at the ends of the lines, moved apart so that none covers another. */
function names(series, x, y, {right, letter, line, height}) {
  const ends = series.map(({name, values}, n) => {
    const at = values.findLastIndex((v) => v !== undefined);
    return at < 0 ? null : {name, n, x: x(at) + 6, y: y(values[at]) + 4};
  }).filter(Boolean).sort((a, b) => a.y - b.y);
  ends.forEach((end, n) => {
    if (n) end.y = Math.max(end.y, ends[n - 1].y + line);
  });
  const over = (ends.at(-1)?.y ?? 0) - (height - 4);
  if (over > 0) for (const end of ends) end.y -= over;
  const letters = Math.floor((right - 10) / letter);
  return ends.map((end) => {
    const name = end.name.length > letters ? `${end.name.slice(0, letters - 1)}…` : end.name;
    return written(name, {class: `name s${end.n % 8}`, x: end.x, y: end.y});
  });
}

/** Values to be written beside the lines, `least` apart at least: no goal is a fifth of one. */
function ticks(low, high, least) {
  const rough = Math.max(least, (high - low || 1) / TICKS);
  const power = 10 ** Math.floor(Math.log10(rough));
  return multiples(low, high, ROUND.map((n) => n * power).find((n) => n >= rough));
}

/** The same of milliseconds, at whole seconds, quarters of a minute, minutes. */
function clockTicks(low, high) {
  const rough = (high - low || 1000) / TICKS;
  return multiples(low, high, 1000 * (ROUND_S.find((n) => n * 1000 >= rough) ?? 3600 * Math.ceil(rough / 3_600_000)));
}

function multiples(low, high, step) {
  const found = [];
  for (let value = Math.ceil(low / step) * step; value <= high + step / 1e6; value += step) {
    found.push(Number(value.toFixed(6)));
  }
  return found;
}

/** Places of `count`, as many as there is room for, each as far from the next; the last one among them. */
function apart(count, most) {
  const step = Math.max(1, Math.ceil((count - 1) / Math.max(1, most - 1)));
  const places = Array.from({length: Math.floor((count - 1) / step) + 1}, (_, n) => n * step);
  if (places.at(-1) === count - 1) return places;
  return [...(places.length > 1 ? places.slice(0, -1) : places), count - 1];
}

const short = (label) => (label.length > 14 ? `${label.slice(0, 13)}…` : label);

function drawn(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function written(text, attributes) {
  const made = drawn("text", attributes);
  made.textContent = text;
  return made;
}

customElements.define("figures-chart", FiguresChart);
