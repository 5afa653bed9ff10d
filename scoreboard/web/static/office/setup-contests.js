/** What is contested: drawn from the entrants with a look before it counts, moved, scored by hand. */

import {ask, wordsOf} from "../shell/ask.js";
import {element, setText} from "../shell/dom.js";
import {region, tableOf} from "./setup-entrants.js";
import {calledBy, instantOf, localOf, timeOf} from "./setup-words.js";

const SHOWN_MAX = 500;
const FORMS = [["round-robin", "Everybody meets everybody"], ["single-elimination", "Knock-out"], ["double-elimination", "Knock-out with a second chance"], ["heats", "Heats"]];
const START_HOUR = 9;

class SetupContests extends HTMLElement {
  connectedCallback() {
    if (this.list) return;
    this.said = this.appendChild(element("p", "hint"));
    this.list = this.appendChild(region("Contests"));
    this.next = this.appendChild(element("p", "hint"));
    const link = (words, href) => Object.assign(element("a", "", words), {href});
    this.next.append("Next: ", link("a key", "/keys"), " for each pad, then ", link("the pads", "/pad"), "; what screens show is chosen at ", link("the desk", "/desk"), ".");
    this.drawing = this.appendChild(element("details"));
    this.drawing.append(element("summary", "", "Draw contests"));
    this.form = this.drawing.appendChild(element("form", "fields"));
    const pair = this.form.appendChild(element("div", "pair"));
    this.format = field(pair, "select", "draw-form", "How");
    this.format.append(...FORMS.map(([value, word]) => new Option(word, value)));
    this.who = field(pair, "select", "draw-who", "Who");
    this.best = field(pair, "input", "draw-best", "How many of each group go on", {type: "number", min: 1, max: 64, value: 2});
    this.legs = field(pair, "input", "draw-legs", "How often each pair meets", {type: "number", min: 1, max: 4, value: 1});
    this.lanes = field(pair, "input", "draw-lanes", "Most in a heat", {type: "number", min: 2, max: 100, value: 8});
    this.through = field(pair, "input", "draw-through", "How many of each heat go on to a final", {type: "number", min: 0, max: 100, value: 0});
    this.third = field(pair, "select", "draw-third", "Losers of the semi-finals");
    this.third.append(new Option("are out", ""), new Option("meet for the third place", "yes"));
    this.places = field(pair, "input", "draw-places", "Places that are used at once, with commas", {autocomplete: "off", placeholder: "Pitch 1, Pitch 2"});
    this.start = field(pair, "input", "draw-start", "The first begins", {type: "datetime-local"});
    this.minutes = field(pair, "input", "draw-minutes", "Minutes from one to the next", {type: "number", min: 1, max: 10080, value: 30});
    const look = this.form.appendChild(element("p", "row"));
    look.append(element("button", "", "Look at the draw"));
    this.result = look.appendChild(element("span"));
    this.result.setAttribute("role", "status");
    this.preview = this.form.appendChild(region("The draw, not yet announced"));
    this.preview.hidden = true;
    this.dropping = this.form.appendChild(element("label", "way"));
    this.drop = this.dropping.appendChild(element("input"));
    this.drop.type = "checkbox";
    this.dropWords = this.dropping.appendChild(element("span"));
    this.take = this.form.appendChild(element("p")).appendChild(element("button", "primary", "Take this draw"));
    this.take.type = "button";
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.look();
    });
    this.form.addEventListener("input", ({target}) => {
      if (target === this.who) this.chosen = true;
      if (target !== this.drop) this.forget();
      this.fit();
    });
    this.take.addEventListener("click", () => this.announce().catch(() => {}));
    this.forget();
  }

  show(definition) {
    this.definition = definition;
    const {contests, groups, entrants} = definition.now;
    setText(this.said, contests.length ? `${contests.length} contests${contests.length > SHOWN_MAX ? `, the first ${SHOWN_MAX} shown` : ""}` : "None yet. Draw them below.");
    this.list.hidden = this.next.hidden = !contests.length;
    if (!contests.length && entrants.length) this.drawing.open = true;
    const pad = (one) => {
      const link = element("a", "button", "Score");
      link.href = `/pad/${encodeURIComponent(definition.slug)}/${encodeURIComponent(one.id)}`;
      link.setAttribute("aria-label", `Score ${one.name || one.id} by hand`);
      const move = element("button", "", "Move");
      move.type = "button";
      move.setAttribute("aria-label", `Move ${one.name || one.id}`);
      move.addEventListener("click", () => this.move(one, move.closest("tr")));
      return [move, link];
    };
    this.list.replaceChildren(this.table(contests.slice(0, SHOWN_MAX), definition.now, pad));
    const chosen = this.who.value;
    const whole = groups.filter((one) => one.entrants?.length);
    this.who.replaceChildren(new Option("All entrants together", "all"), ...(whole.length ? [new Option("Each group among itself", "groups"), new Option("The best of each group", "best")] : []), ...whole.map((one) => new Option(`${one.name} alone`, `group ${one.id}`)));
    this.who.value = chosen;
    if (!this.chosen || this.who.selectedIndex < 0) this.who.value = whole.length ? "groups" : "all";
    if (!this.start.value) {
      const first = definition.now.start ? new Date(definition.now.start) : new Date(Date.now() + 86_400_000);
      if (!definition.now.start) first.setHours(START_HOUR, 0, 0, 0);
      this.start.value = localOf(first);
    }
    this.fit();
  }

  table(contests, definition, acts) {
    const called = calledBy(definition);
    const group = new Map((definition.groups ?? []).map(({id, name}) => [id, name]));
    const table = tableOf(acts ? "Contests" : "The draw", ["When", "Where", "Contest", "Round", acts ? "" : "Id"], ["", "wide-only", "", "wide-only", acts ? "" : "wide-only"]);
    table.body.append(...contests.map((one) => {
      const row = element("tr");
      const who = (one.entrants ?? []).map(called).join(" – ") || "nobody yet";
      const named = one.name && one.name !== who ? `${one.name}: ${who}` : who;
      const round = [group.get(one.group), one.round].filter(Boolean).join(" · ");
      row.append(element("td", "", timeOf(one.start)), element("td", "wide-only", one.place ?? ""), element("td", "", named), element("td", "wide-only", round));
      const last = element("td", acts ? "acts" : "wide-only", acts ? "" : one.id);
      if (acts) last.append(...acts(one));
      row.append(last);
      return row;
    }));
    return table;
  }

  /** Show only what the form of the draw needs. */
  fit() {
    const form = this.format.value;
    const show = (input, shown) => (input.parentElement.hidden = !shown);
    show(this.legs, form === "round-robin");
    show(this.lanes, form === "heats");
    show(this.through, form === "heats");
    show(this.third, form === "single-elimination");
    show(this.best, this.who.value === "best");
  }

  forget() {
    this.drawn = null;
    this.preview.hidden = true;
    this.dropping.hidden = true;
    this.take.hidden = true;
    setText(this.result, "");
  }

  pools() {
    const {entrants, groups} = this.definition.now;
    const out = new Set(entrants.filter(({withdrawn}) => withdrawn).map(({id}) => id));
    const still = (ids) => (ids ?? []).filter((id) => !out.has(id));
    const wanted = this.who.value;
    if (wanted === "groups") return groups.filter((one) => one.entrants?.length).map((one) => ({group: one.id, entrants: still(one.entrants)}));
    if (wanted === "best") {
      const best = Array.from({length: Number(this.best.value)}, (_, at) => {
        // The groups' order turns, so that those of one group meet late.
        const turn = at % 2 ? [...groups].reverse() : groups;
        return turn.filter((one) => (one.entrants?.length ?? 0) > at).map((one) => `place:${one.id}:${at + 1}`);
      });
      return [{entrants: best.flat()}];
    }
    const one = groups.find(({id}) => `group ${id}` === wanted);
    return one ? [{group: one.id, entrants: still(one.entrants)}] : [{entrants: still(entrants.map(({id}) => id))}];
  }

  async look() {
    this.forget();
    const body = {
      form: this.format.value,
      pools: this.pools(),
      prefix: this.who.value === "best" ? "final" : "m",
      taken: this.definition.now.contests.map(({id}) => id),
      legs: Number(this.legs.value),
      third: this.third.value === "yes",
      lanes: Number(this.lanes.value),
      through: Number(this.through.value),
      places: this.places.value.split(",").map((one) => one.trim()).filter(Boolean),
      minutes: Number(this.minutes.value),
      ...(this.start.value ? {start: instantOf(this.start.value)} : {}),
    };
    try {
      const {contests} = await ask("/api/v1/schedules", {method: "POST", body});
      this.drawn = contests;
    } catch (error) {
      return setText(this.result, `! ${error.pointer?.startsWith("/pools") && body.pools.some(({entrants}) => entrants.length < 2) ? "At least two must take part." : wordsOf(error)}`);
    }
    const before = this.definition.now.contests.length;
    setText(this.result, `${this.drawn.length} contests. Nothing is announced yet.`);
    const shown = {...this.definition.now, contests: [...this.definition.now.contests, ...this.drawn]};
    this.preview.replaceChildren(this.table(this.drawn.slice(0, SHOWN_MAX), shown));
    this.preview.hidden = this.take.hidden = false;
    this.dropping.hidden = !before || this.definition.changedSince || this.definition.begun;
    this.drop.checked = false;
    setText(this.dropWords, `In place of the ${before} there ${before === 1 ? "is" : "are"}`);
  }

  async announce() {
    const {drawn, definition} = this;
    const words = `${drawn.length} contests are announced.`;
    if (!definition.changedSince && !definition.begun) {
      const before = this.drop.checked ? [] : definition.now.contests;
      await this.change(() => definition.redefine({contests: [...before, ...drawn]}), words);
    } else await this.change(() => definition.say(drawn.map((contest) => ({type: "competition.scheduled", data: {contest}}))), words);
    this.forget();
    this.drawing.open = false;
    this.parentElement.scrollIntoView();
  }

  /** A line under a contest, to give it another time or place. */
  move(one, row) {
    if (row.nextElementSibling?.dataset.moves) return row.nextElementSibling.remove();
    const line = element("tr");
    line.dataset.moves = one.id;
    const cell = line.appendChild(element("td"));
    cell.colSpan = 5;
    const form = cell.appendChild(element("form", "pair"));
    const start = field(form, "input", `start-${one.id}`, "Begins", {type: "datetime-local", value: localOf(one.start)});
    const place = field(form, "input", `place-${one.id}`, "Where", {value: one.place ?? "", maxLength: 200});
    form.appendChild(element("p", "row")).append(element("button", "primary", "Move it"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const {start: _, ...rest} = one;
      const contest = {...rest, place: place.value.trim(), ...(start.value ? {start: instantOf(start.value)} : {})};
      this.change(() => this.definition.say([{type: "competition.scheduled", data: {contest}}]), "It is moved, and the boards say so.").catch(() => {});
    });
    row.after(line);
    start.focus();
  }
}

export function field(parent, kind, id, words, more = {}) {
  const box = parent.appendChild(element("div"));
  const label = box.appendChild(element("label", "", words));
  label.htmlFor = id;
  const made = box.appendChild(element(kind));
  Object.assign(made, {id, ...more});
  return made;
}

customElements.define("setup-contests", SetupContests);
