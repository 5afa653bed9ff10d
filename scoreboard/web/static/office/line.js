/** One line of the log, and what stands behind it: its record's versions, and the entry as it is. */

import {ask, under} from "../shell/ask.js";
import {localTime} from "../shell/connection.js";
import {element, setText} from "../shell/dom.js";

const SIGNS = {record: ["+", "recorded"], amend: ["✎", "amended"], void: ["✕", "voided"], restore: ["↺", "restored"]};
const PARTS_MAX = 6;
const PART_MAX = 40;
const WHAT_MAX = 160;

/** A payload in a few words: `team GUL · minute 12`. */
export function inWords(data) {
  if (data === undefined || data === null) return "";
  if (typeof data !== "object") return clipped(data);
  const parts = Object.entries(data).slice(0, PARTS_MAX);
  return parts.map(([name, value]) => `${name} ${clipped(value)}`).join(" · ");
}

function clipped(value) {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > PART_MAX ? `${text.slice(0, PART_MAX - 1)}…` : text;
}

export function createLine() {
  const item = element("li", "line");
  const head = element("button", "head");
  head.type = "button";
  head.setAttribute("aria-expanded", "false");
  item.cells = {};
  for (const name of ["when", "act", "type", "contest", "what", "who"]) {
    item.cells[name] = element("span", name);
    head.append(item.cells[name]);
  }
  head.addEventListener("click", () => toggle(item));
  item.append(head);
  item.head = head;
  return item;
}

export function fillLine(item, entry, isNew) {
  if (!isNew) return;
  const {cells} = item;
  item.entry = entry;
  const [sign, word] = SIGNS[entry.action] ?? ["?", entry.action];
  item.dataset.action = entry.action;
  setText(cells.when, localTime(Date.parse(entry.received)));
  setText(cells.act, `${sign} ${word}`);
  setText(cells.type, entry.type);
  setText(cells.contest, entry.contest ?? "—");
  const parts = [
    entry.action !== "record" && entry.record,
    entry.reason && `“${entry.reason}”`,
    entry.erased ? "erased" : inWords(entry.data),
  ];
  setText(cells.what, parts.filter(Boolean).join(" · ").slice(0, WHAT_MAX));
  const itself = [entry.source, `device:${entry.source}`].includes(entry.actor);
  setText(cells.who, itself ? entry.source : `${entry.source} by ${entry.actor}`);
}

async function toggle(item) {
  const open = item.head.getAttribute("aria-expanded") !== "true";
  item.head.setAttribute("aria-expanded", String(open));
  item.detail?.remove();
  item.detail = null;
  if (!open) return;
  const detail = item.detail = element("div", "detail");
  detail.append(...controls(item.entry), element("p", "message", "Reading the record…"));
  item.append(detail);
  const {competition, record} = item.entry;
  try {
    const found = await ask(under(competition, "records", record));
    detail.querySelector(".message").replaceWith(versions(found), raw(item.entry));
  } catch (refused) {
    setText(detail.querySelector(".message"), refused.message);
  }
}

function controls(entry) {
  const row = element("p", "row");
  const correct = element("a", "button correct", "Correct ");
  correct.append(element("kbd", "", "C"));
  correct.href = `/c/${encodeURIComponent(entry.competition)}/corrections?${new URLSearchParams({record: entry.record})}`;
  row.append(correct);
  for (const name of ["record", "source", "contest"]) {
    if (!entry[name]) continue;
    const only = element("a", "button", `Only this ${name}`);
    only.href = `?${new URLSearchParams({[name]: entry[name]})}`;
    row.append(only);
  }
  return [row];
}

const COLUMNS = ["Version", "What", "Who", "Device", "Received", "Device's time", "Skew", "Why", "Says"];

function versions({record, in_force: standing, versions: all}) {
  const table = element("table");
  table.append(element("caption", "", `Record ${record}: ${standing ? `version ${standing} counts` : "voided, nothing counts"}`));
  const head = table.createTHead().insertRow();
  for (const name of COLUMNS) {
    const cell = element("th", "", name);
    cell.scope = "col";
    head.append(cell);
  }
  const body = table.createTBody();
  for (const one of [...all].reverse()) {
    const row = body.insertRow();
    const [, word] = SIGNS[one.action] ?? ["?", one.action];
    const told = [
      one.in_force ? `✓ ${one.version} counts` : one.overruled ? `${one.version} overruled` : String(one.version),
      word,
      one.actor,
      one.source,
      localTime(Date.parse(one.received)),
      one.time ? localTime(Date.parse(one.time)) : "—",
      skew(one.skew_s),
      [one.reason, ...(one.flags ?? [])].filter(Boolean).join(", ") || "—",
      one.erased ? "erased" : inWords(one.data) || "—",
    ];
    for (const text of told) row.insertCell().textContent = text;
  }
  const frame = element("div", "wide");
  frame.tabIndex = 0;
  frame.setAttribute("role", "group");
  frame.setAttribute("aria-label", "Versions of this record");
  frame.append(table);
  return frame;
}

/** How far a device's clock is off: `2.1 s behind`. */
export function skew(seconds) {
  if (seconds === undefined || seconds === null) return "—";
  const size = Math.abs(seconds);
  return size < 0.05 ? "none" : `${size.toFixed(1)} s ${seconds > 0 ? "behind" : "ahead"}`;
}

function raw(entry) {
  const box = element("details", "raw");
  box.append(element("summary", "", `Entry ${entry.position} as it is`));
  const text = element("pre", "", JSON.stringify(entry, null, 2));
  text.tabIndex = 0;
  box.append(text);
  return box;
}
