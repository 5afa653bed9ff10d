/**
 * What a press still needs to know, asked in a sheet from below: choices, a number, a few words.
 *
 * A step is one of
 *   {title, choices: [{label, key?, sub?, data?, steps?}]}
 *   {title, number: name, unit?, min?, max?, scale?}    `scale`: thousandths and the like
 *   {title, text: name, optional?}
 *   {title, find: name, among: [{id, name, bib?}]}      one of many, by number or name
 * Steps of a choice are asked after it. The answer is all data together, or null if it was left.
 */

import {element, setText} from "../shell/dom.js";

const FOUND_MAX = 12;
const DIGITS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", ".", "0", "⌫"];

export class PadSheet extends HTMLElement {
  connectedCallback() {
    this.dialog = element("dialog", "sheet");
    this.heading = element("h2");
    this.heading.id = "sheet-title";
    this.dialog.setAttribute("aria-labelledby", "sheet-title");
    this.body = element("div", "sheet-body");
    this.problem = element("p", "error");
    this.problem.setAttribute("role", "alert");
    const leave = element("button", "leave");
    leave.type = "button";
    leave.append("Cancel", element("kbd", "", "Esc"));
    leave.addEventListener("click", () => this.answer(null));
    this.dialog.append(this.heading, this.body, this.problem, leave);
    this.dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.answer(null);
    });
    this.append(this.dialog);
  }

  /** Ask all steps, one after another. */
  async ask(what, steps) {
    const data = {};
    const open = [...steps];
    while (open.length) {
      const step = open.shift();
      const answer = await this.one(what, step);
      if (answer === null) break;
      Object.assign(data, answer.data);
      open.unshift(...(answer.steps ?? []));
      if (!open.length) return this.closed(data);
    }
    return this.closed(null);
  }

  closed(data) {
    if (this.dialog.open) this.dialog.close();
    return data;
  }

  one(what, step) {
    setText(this.heading, [...new Set([what, step.title])].filter(Boolean).join(" · "));
    setText(this.problem, "");
    this.body.replaceChildren();
    const first = step.choices ? this.choices(step) : step.number ? this.number(step)
      : step.find ? this.find(step) : this.words(step);
    if (!this.dialog.open) this.dialog.showModal();
    first?.focus();
    return new Promise((resolve) => (this.answer = resolve));
  }

  choices({choices}) {
    const grid = element("div", "choices");
    choices.forEach((choice, n) => {
      const key = choice.key ?? (n < 9 ? String(n + 1) : "");
      const button = bigButton(choice.label, key, choice.sub);
      button.addEventListener("click", () => this.answer({data: choice.data, steps: choice.steps}));
      grid.append(button);
    });
    this.body.append(grid);
    return grid.firstChild;
  }

  number(step) {
    const form = element("form", "number");
    const field = element("input", "figure");
    field.inputMode = "none"; // the keys are below
    field.autocomplete = "off";
    field.setAttribute("aria-label", step.title);
    if (step.start !== undefined) field.value = String(step.start);
    const show = element("div", "shown");
    show.append(field, element("span", "unit", step.unit ?? ""));
    const grid = element("div", "digits");
    for (const digit of DIGITS) {
      if (digit === "." && (step.scale ?? 1) === 1) {
        const sign = bigButton("±");
        sign.disabled = (step.min ?? 0) >= 0;
        sign.addEventListener("click", () => (field.value = String(-(Number(field.value) || 0))));
        grid.append(sign);
        continue;
      }
      const button = bigButton(digit);
      if (digit === "⌫") button.setAttribute("aria-label", "Delete a digit");
      button.addEventListener("click", () => {
        field.value = digit === "⌫" ? field.value.slice(0, -1) : field.value + digit;
      });
      grid.append(button);
    }
    form.append(show, grid, submit());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const said = Number(field.value.replace(",", "."));
      const value = Math.round(said * (step.scale ?? 1));
      const {min = 0, max = Infinity, scale = 1} = step;
      if (field.value.trim() === "" || !Number.isFinite(said)) return setText(this.problem, "A number, please.");
      if (value < min || value > max) return setText(this.problem, `From ${min / scale} to ${max / scale}.`);
      this.answer({data: {[step.number]: value}});
    });
    this.body.append(form);
    return field;
  }

  find(step) {
    const form = element("form", "find");
    const field = element("input", "figure");
    field.autocomplete = "off";
    field.setAttribute("aria-label", step.title);
    const list = element("div", "picks");
    const show = () => {
      const typed = field.value.trim().toLowerCase();
      const found = step.among.map((one) => [fits(one, typed), one]).filter(([fit]) => fit || !typed);
      found.sort(([a], [b]) => b - a);
      list.replaceChildren(...found.slice(0, FOUND_MAX).map(([, one]) => {
        const pick = element("button", "pick", [one.bib, one.name].filter(Boolean).join(" "));
        pick.type = "button";
        pick.addEventListener("click", () => this.answer({data: {[step.find]: one.id}}));
        return pick;
      }));
    };
    field.addEventListener("input", show);
    show();
    form.append(field, submit("First of these"), list);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const first = list.querySelector("button");
      if (first) first.click();
      else setText(this.problem, "Nobody is called so.");
    });
    this.body.append(form);
    return field;
  }

  words(step) {
    const form = element("form", "words");
    const field = element("input");
    field.autocomplete = "off";
    field.maxLength = step.most ?? 200;
    field.setAttribute("aria-label", step.title);
    form.append(field, submit(step.optional ? "Go on" : "OK"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = field.value.trim();
      if (!text && !step.optional) return setText(this.problem, "A word, please.");
      this.answer({data: text ? {[step.text]: text} : {}});
    });
    this.body.append(form);
    return field;
  }
}

/** How well one of many fits what was typed: its number or id exactly, from the beginning, or anywhere. */
function fits({id, bib, name}, typed) {
  const all = [bib, id, name].filter((text) => text !== undefined).map((text) => String(text).toLowerCase());
  if (all.includes(typed)) return 3;
  if (all.some((text) => text.startsWith(typed))) return 2;
  return all.some((text) => text.includes(typed)) ? 1 : 0;
}

function submit(label = "OK") {
  const button = element("button", "primary big");
  button.append(label, element("kbd", "", "Enter"));
  return button;
}

/** A button for a thumb at arm's length: what it says, what more, and its key. */
export function bigButton(label, key = "", sub = "") {
  const button = element("button", "big");
  button.type = "button";
  button.append(element("span", "label", label));
  if (sub) button.append(element("span", "sub", sub));
  if (key) {
    button.append(element("kbd", "", key === " " ? "Space" : key.toUpperCase()));
    button.dataset.hotkey = key.toLowerCase();
  }
  return button;
}

customElements.define("pad-sheet", PadSheet);
