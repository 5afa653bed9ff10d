/** Who competes: a list pasted and checked before it counts, withdrawals, one in place of another. */

import {ask, wordsOf} from "../shell/ask.js";
import {element, setText} from "../shell/dom.js";
import {slugOf} from "./setup-words.js";

const SHOWN_MAX = 300;
const MEANS = [["", "left out"], ["name", "Name"], ["first", "First name"], ["last", "Last name"], ["id", "Id"], ["short", "Short name"], ["say", "Spoken as"], ["team", "Team"], ["group", "Group"], ["seed", "Seed"]];
const FATES = {added: "+ added", changed: "~ changed", left: "= as it is", wrong: "! wrong"};
const CHECK_AFTER_MS = 400;

class SetupEntrants extends HTMLElement {
  connectedCallback() {
    if (this.list) return;
    this.said = this.appendChild(element("p", "hint"));
    this.list = this.appendChild(region("Entrants"));
    const paste = this.appendChild(element("details"));
    this.paste = paste;
    paste.append(element("summary", "", "Paste a list, or a late entry"));
    const box = paste.appendChild(element("div", "fields"));
    const label = box.appendChild(element("label", "", "One entrant a line, as it comes out of a spreadsheet; headings help (Name, Club, Group, Bib, Seed)"));
    label.htmlFor = "list";
    this.text = box.appendChild(element("textarea"));
    Object.assign(this.text, {id: "list", rows: 8, spellcheck: false, placeholder: "Name, Short, Group\nGulls, GUL, A\nTerns, TER, A"});
    this.text.addEventListener("input", () => {
      this.columns = null;
      clearTimeout(this.waiting);
      this.waiting = setTimeout(() => this.check(), CHECK_AFTER_MS);
    });
    this.result = box.appendChild(element("p", "message"));
    this.result.setAttribute("role", "status");
    this.preview = box.appendChild(region("The list as it was understood"));
    this.preview.hidden = true;
    this.dropping = box.appendChild(element("label", "way"));
    this.drop = this.dropping.appendChild(element("input"));
    this.drop.type = "checkbox";
    this.dropWords = this.dropping.appendChild(element("span"));
    this.dropping.hidden = true;
    this.take = box.appendChild(element("p")).appendChild(element("button", "primary", "Enter these"));
    this.take.type = "button";
    this.take.disabled = true;
    this.take.addEventListener("click", () => this.enter().catch(() => {}));
  }

  show(definition) {
    this.definition = definition;
    const {entrants, groups} = definition.now;
    const group = new Map(groups.flatMap((one) => one.entrants?.map((id) => [id, one.name]) ?? []));
    setText(this.said, entrants.length ? `${entrants.length} entrants${entrants.length > SHOWN_MAX ? `, the first ${SHOWN_MAX} shown` : ""}` : "Nobody yet. Paste a list below.");
    this.list.hidden = !entrants.length;
    if (!entrants.length) this.paste.open = true;
    const table = tableOf("Entrants", ["Name", "Id", "Group", ""], ["", "wide-only", "wide-only", ""]);
    table.body.append(...entrants.slice(0, SHOWN_MAX).map((one) => {
      const row = element("tr");
      const name = element("td", one.withdrawn ? "gone" : "", one.name);
      const acts = element("td", "acts");
      if (one.withdrawn) acts.append(element("span", "", one.replaced_by ? "✗ replaced" : "✗ withdrawn"));
      else acts.append(this.button("Replace", one, () => this.replace(one)), this.button("Withdraw", one, () => this.withdraw(one)));
      row.append(name, element("td", "wide-only", one.id), element("td", "wide-only", group.get(one.id) ?? ""), acts);
      return row;
    }));
    this.list.replaceChildren(table);
    if (this.text.value.trim()) this.check();
  }

  button(word, one, done) {
    const made = element("button", "", word);
    made.type = "button";
    made.setAttribute("aria-label", `${word} ${one.name}`);
    made.addEventListener("click", done);
    return made;
  }

  withdraw(one) {
    const reason = prompt(`${one.name} takes no further part. Why?`, "injured");
    if (reason === null) return;
    this.change(() => this.definition.say([{type: "competition.withdrawn", data: {entrant: one.id, reason}}]), `${one.name} has withdrawn.`).catch(() => {});
  }

  replace(one) {
    const name = prompt(`Who takes the place of ${one.name}, in every contest that is not over?`)?.trim();
    if (!name) return;
    const taken = new Set(this.definition.now.entrants.map(({id}) => id));
    let id = slugOf(name, 56) || "entrant";
    for (let number = 2; taken.has(id); number += 1) id = `${slugOf(name, 56) || "entrant"}-${number}`;
    this.change(() => this.definition.say([{type: "competition.substituted", data: {out: one.id, entrant: {id, name}}}]), `${name} is in place of ${one.name}.`).catch(() => {});
  }

  /** Read the list as it is now, and show what it would do. */
  async check() {
    clearTimeout(this.waiting);
    const text = this.text.value;
    const asked = (this.asked = {});
    this.read = null;
    this.take.disabled = true;
    if (!text.trim()) {
      this.preview.hidden = this.dropping.hidden = true;
      return setText(this.result, "");
    }
    let read;
    try {
      const body = {text, entrants: this.definition.now.entrants, ...(this.columns ? {columns: this.columns} : {})};
      read = await ask("/api/v1/entry-lists", {method: "POST", body});
    } catch (error) {
      if (asked === this.asked) setText(this.result, `! ${wordsOf(error)}`);
      return;
    }
    if (asked !== this.asked) return; // somebody went on typing
    const count = (fate) => read.lines.filter((line) => line.fate === fate).length;
    const wrong = count("wrong");
    setText(this.result, `${count("added")} added · ${count("changed")} changed · ${count("left")} as they are · ${wrong} wrong${wrong ? ": mend the list above" : ""}`);
    this.preview.hidden = false;
    this.preview.replaceChildren(this.drawn(read));
    const absent = read.absent.length;
    this.dropping.hidden = !absent || this.definition.changedSince || this.definition.begun;
    if (this.dropping.hidden) this.drop.checked = false;
    setText(this.dropWords, `Take out the ${absent} who ${absent === 1 ? "is" : "are"} not on the list`);
    this.read = read;
    this.take.disabled = wrong > 0;
  }

  drawn(read) {
    const table = element("table");
    table.setAttribute("aria-label", "The list as it was understood");
    const head = table.createTHead().insertRow();
    head.append(heading("Line"), heading("What"));
    read.columns.forEach((column, at) => {
      const cell = heading("");
      const select = cell.appendChild(element("select"));
      select.setAttribute("aria-label", `What the column ${column.heading || at + 1} means`);
      const kept = `attribute:${slugOf(column.heading) || `column-${at + 1}`}`;
      const own = column.means.startsWith("attribute:") ? column.means : kept;
      select.append(...MEANS.map(([value, word]) => new Option(word, value)), new Option(`kept as ${own.slice(10)}`, own));
      select.value = column.means;
      select.addEventListener("change", () => {
        this.columns = read.columns.map(({means}, number) => (number === at ? select.value : means === select.value ? "" : means));
        this.check();
      });
      head.append(cell);
    });
    const lines = [...read.lines].sort((a, b) => (b.fate === "wrong") - (a.fate === "wrong")).slice(0, SHOWN_MAX);
    const body = table.createTBody();
    for (const line of lines) {
      const row = body.insertRow();
      row.dataset.fate = line.fate;
      row.append(element("td", "", String(line.line)), element("td", "fate", FATES[line.fate]));
      if (line.fate === "wrong") {
        const cell = element("td");
        cell.colSpan = read.columns.length;
        cell.append(element("p", "problem", line.problem), element("p", "hint", line.said ?? ""));
        row.append(cell);
      } else for (const {means} of read.columns) row.append(element("td", "", figure(line, means)));
    }
    return table;
  }

  async enter() {
    const {lines, absent} = this.read;
    const definition = this.definition;
    const listed = lines.some(({seed}) => seed !== undefined) ? [...lines].sort((a, b) => (a.seed ?? Infinity) - (b.seed ?? Infinity)) : lines;
    const {groups, wants} = this.grouped(listed);
    const words = `${listed.length} on the list are entered.`;
    if (!definition.changedSince && !definition.begun) {
      const gone = new Set(this.drop.checked ? absent : []);
      const on = new Map(listed.map(({entrant}) => [entrant.id, entrant]));
      const stay = definition.now.entrants.filter(({id}) => !on.has(id) && !gone.has(id));
      const moved = (one) => ({...one, entrants: [...(one.entrants ?? []).filter((id) => !gone.has(id) && !wants.has(id)), ...[...wants].filter(([, group]) => group === one.id).map(([id]) => id)]});
      const changes = {entrants: [...on.values(), ...stay], groups: groups.map(moved)};
      await this.change(() => definition.redefine(changes), words);
    } else {
      const events = listed.filter(({fate}) => fate !== "left").map(({entrant}) => ({type: "competition.entered", data: {entrant, ...(wants.has(entrant.id) ? {group: wants.get(entrant.id)} : {})}}));
      await this.change(() => (events.length ? definition.say(events) : undefined), words);
    }
    this.text.value = "";
    this.paste.open = false;
    this.check();
  }

  /** All groups with those that the list names anew, and the group of each entrant that has one. */
  grouped(lines) {
    const groups = [...this.definition.now.groups];
    const wants = new Map();
    for (const {entrant, group} of lines) {
      if (!group) continue;
      const same = ({id, name}) => [id, name].some((word) => word.toLowerCase() === group.toLowerCase());
      let found = groups.find(same);
      if (!found) {
        const id = slugOf(group, 40) || `group-${groups.length + 1}`;
        found = groups.find((one) => one.id === id);
        if (!found) groups.push((found = {id, name: group.length < 3 ? `Group ${group}` : group, entrants: []}));
      }
      wants.set(entrant.id, found.id);
    }
    return {groups, wants};
  }
}

function figure({entrant, group = "", seed}, means) {
  if (means === "group") return group;
  if (means === "seed") return seed === undefined ? "" : String(seed);
  if (means.startsWith("attribute:")) return String(entrant.attributes?.[means.slice(10)] ?? "");
  if (means === "first" || means === "last") return means === "last" ? entrant.name : "";
  return means ? String(entrant[means] ?? "") : "";
}

export function region(label) {
  const made = element("div", "scroll");
  made.tabIndex = 0;
  made.setAttribute("role", "region");
  made.setAttribute("aria-label", label);
  return made;
}

export function heading(text, name = "") {
  const made = element("th", name, text);
  made.scope = "col";
  return made;
}

export function tableOf(label, headings, names = []) {
  const table = element("table");
  table.setAttribute("aria-label", label);
  table.createTHead().insertRow().append(...headings.map((text, at) => (text ? heading(text, names[at]) : element("td"))));
  table.body = table.createTBody();
  return table;
}

customElements.define("setup-entrants", SetupEntrants);
