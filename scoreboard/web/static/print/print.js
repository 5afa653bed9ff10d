/** A page for paper: a table of the server, laid out by a form that is nothing but data. */

import {isGame} from "../board/document.js";
import {ask, under} from "../shell/ask.js";
import {element} from "../shell/dom.js";

const FIGURES = "figures.";
const NUMERIC = /^[+-]?\d+(\.\d+)?$/;
const LABELS = {official: "OFFICIAL", "not final": "NOT FINAL", rehearsal: "REHEARSAL"};

const slug = decodeURIComponent(location.pathname.split("/")[2]);
const choices = document.getElementById("choices");
const paper = document.getElementById("paper");
const message = document.getElementById("message");
const asked = new URLSearchParams(location.search);

const place = (id) => document.getElementById(id);
const valueIn = (row, key) => (key.startsWith(FIGURES) ? row.figures?.[key.slice(FIGURES.length)] : row[key]);

/** A value in words; a time of day where it is one. */
function words(value) {
  if (value === undefined || value === null) return "";
  if (value === true) return "yes";
  if (value === false) return "no";
  if (typeof value === "object") return JSON.stringify(value);
  return String(value);
}

/** A moment by the clock of whoever prints, with its zone. */
function moment(text) {
  if (!text) return "";
  return new Date(text).toLocaleString(undefined, {dateStyle: "medium", timeStyle: "short"});
}

/** A line of a form with what its braces name. */
function filled(line, sheet) {
  return line.replace(/\{([a-z_]+)\}/g, (_, name) => (name === "as_of" ? moment(sheet.as_of) : words(sheet[name]))).trim();
}

/** The columns of a form, its stand-ins resolved, those left out of which the table has nothing. */
function columnsOf(form, sheet) {
  const known = new Map(sheet.columns.map((column) => [column.key, column]));
  if (!form.columns.length) return sheet.columns.map((column) => ({key: column.key, title: column.label, wide: column.key === "name"}));
  const figures = sheet.columns.filter((column) => column.key.startsWith(FIGURES));
  return form.columns.flatMap((column) => {
    if (column.key === "figures") return figures.map((one) => ({key: one.key, title: one.label, align: column.align}));
    if (column.key !== "blank" && !known.has(column.key)) return [];
    return [{...column, title: column.title ?? known.get(column.key)?.label ?? ""}];
  });
}

/** Rows in the order of a form; those that have nothing to be ordered by come last. */
function sorted(rows, order) {
  if (!order?.length) return rows;
  const compare = (a, b) => (words(a) === "") - (words(b) === "") || (typeof a === "number" && typeof b === "number" ? a - b : words(a).localeCompare(words(b)));
  return [...rows].sort((a, b) => order.reduce((so, key) => so || compare(valueIn(a, key), valueIn(b, key)), 0));
}

function lines(target, texts, sheet) {
  target.replaceChildren(...texts.map((text) => filled(text, sheet)).filter(Boolean).map((text) => element("p", "", text)));
}

/** How the cells of a column stand: numbers to the right, unless the form says otherwise. */
function standing(column, rows) {
  const values = rows.map((row) => words(valueIn(row, column.key))).filter(Boolean);
  const numeric = values.length > 0 && values.every((value) => NUMERIC.test(value));
  const align = column.align ?? (numeric ? "right" : "");
  return [align, column.wide ? "wide" : "", column.key === "blank" ? "blank" : "", numeric ? "narrow" : ""].filter(Boolean).join(" ");
}

function lay(form, sheet) {
  const columns = columnsOf(form, sheet);
  const rows = sorted(sheet.rows, form.order);
  place("title").textContent = filled(form.title, sheet);
  place("state").textContent = LABELS[sheet.state] + (sheet.frozen ? " · FROZEN" : "");
  lines(place("header"), form.header ?? [], sheet);
  lines(place("footer"), form.footer ?? [], sheet);
  const table = place("table");
  const styles = columns.map((column) => standing(column, rows));
  table.tHead.rows[0].replaceChildren(...columns.map((column, n) => {
    const head = element("th", styles[n], column.title);
    head.scope = "col";
    return head;
  }));
  table.tBodies[0].replaceChildren(...rows.map((row) => {
    const line = element("tr");
    line.append(...columns.map((column, n) => {
      const value = valueIn(row, column.key);
      return element("td", styles[n], column.key === "start" ? moment(value) : words(value));
    }));
    return line;
  }));
  const stamp = table.tFoot.rows[0].cells[0];
  stamp.colSpan = columns.length;
  stamp.replaceChildren(element("span", "state-said", place("state").textContent), ` · ${stampOf(sheet)}`);
  place("signatures").replaceChildren(...(form.signatures ?? []).map((text) => element("li", "", filled(text, sheet))));
  document.title = [filled(form.title, sheet), sheet.name, sheet.contest_name].filter(Boolean).join(" · ");
}

/** Take the sheet upright if the table fits, else across, else with smaller letters. */
function turn(size, landscape) {
  const across = () => place("header").clientWidth / place("table").scrollWidth;
  paper.style.setProperty("--small", 1);
  for (const look of [...(landscape ? [] : [size]), `${size}-wide`, `${size}-wide tight`]) {
    paper.className = `paper ${look}`;
    if (across() >= 1) break;
  }
  if (across() < 1) paper.style.setProperty("--small", across() * 0.98);
  fit();
}

/** Show the sheet whole, however narrow the screen is. */
function fit() {
  paper.style.setProperty("--fit", 1);
  paper.style.setProperty("--fit", Math.min(1, document.documentElement.clientWidth / paper.offsetWidth));
}

/** Where the figures come from: competition, board, position, time, and the head's hash where it is told. */
function stampOf(sheet) {
  const said = [`${sheet.competition} / ${sheet.board}`, `ledger position ${sheet.position}`];
  if (sheet.as_of) said.push(`as of ${sheet.as_of}`);
  if (sheet.hash) said.push(`hash ${sheet.hash}`);
  return said.join(" · ");
}

/** How many forms have this one's title. */
const titled = (form, all) => all.filter((other) => other.form.title === form.title).length;

function options(select, found, chosen) {
  select.replaceChildren(...found.map(([value, text]) => new Option(text, value, false, value === chosen)));
  select.closest("label").hidden = found.length < 2;
}

/** The table that the choices ask for, and its form. */
async function show(forms) {
  const data = new FormData(choices);
  const form = forms.get(data.get("form"));
  const query = new URLSearchParams();
  for (const name of ["contest", "group"]) if (data.get(name)) query.set(name, data.get(name));
  if (asked.get("at")) query.set("at", asked.get("at"));
  const address = under(slug, form.about);
  place("csv").href = `${address}.csv?${query}`;
  const own = new URLSearchParams(query);
  own.set("form", data.get("form"));
  own.set("paper", data.get("paper"));
  history.replaceState(null, "", `?${own}`);
  message.hidden = false;
  paper.hidden = true;
  try {
    const sheet = await ask(`${address}.json?${query}`, {login: false});
    lay(form, sheet);
    paper.hidden = false;
    turn(data.get("paper").toLowerCase(), form.landscape);
    message.hidden = true;
  } catch (refused) {
    message.textContent = `${refused.message} ${refused.hint ?? ""}`;
  }
}

async function start() {
  place("home").href = `/c/${encodeURIComponent(slug)}`;
  const [listed, competition] = await Promise.all([ask("/api/v1/forms", {login: false}), ask(under(slug), {login: false})]);
  if (isGame(competition)) throw new Error("A game of predictions has no sheets: its leaderboard is on its page.");
  const contests = await ask(under(slug, "boards", "contests"), {login: false});
  const fitting = listed.forms.filter(({form}) => !form.sport || form.sport === competition.sport);
  const forms = new Map(fitting.map(({name, form}) => [name, form]));
  const chosen = forms.has(asked.get("form")) ? asked.get("form") : "results";
  options(choices.elements.form, fitting.map(({name, form}) => [name, titled(form, fitting) > 1 ? `${form.title} (${name})` : form.title]), chosen);
  const rows = Object.entries(contests.content.rows).sort((a, b) => a[1].order - b[1].order);
  options(choices.elements.contest, [["", "All"], ...rows.map(([id, row]) => [id, row.name || id])], asked.get("contest") ?? "");
  const groups = (competition.groups ?? []).map((group) => [group.id, group.name || group.id]);
  options(choices.elements.group, [["", "All"], ...groups], asked.get("group") ?? "");
  choices.elements.paper.value = asked.get("paper") ?? forms.get(chosen).paper ?? "A4";
  choices.addEventListener("change", () => show(forms));
  place("print").addEventListener("click", () => print());
  addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() === "p" && !event.ctrlKey && !event.metaKey && !event.altKey && !event.target.closest("select,input")) print();
  });
  addEventListener("resize", fit);
  await show(forms);
}

start().catch((refused) => {
  for (const choice of choices.querySelectorAll("label, button, #csv")) choice.hidden = true; // there is nothing to choose
  message.textContent = `${refused.message} ${refused.hint ?? ""}`;
});
