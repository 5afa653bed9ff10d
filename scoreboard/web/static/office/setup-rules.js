/** Name, place, start, and the sport's parameters, each with what it is for. */

import {ask, sentence} from "../shell/ask.js";
import {element, setText} from "../shell/dom.js";
import {field} from "./setup-contests.js";
import {instantOf, localOf} from "./setup-words.js";

class SetupRules extends HTMLElement {
  connectedCallback() {
    if (this.form) return;
    this.form = this.appendChild(element("form", "card fields"));
    const pair = this.form.appendChild(element("div", "pair"));
    this.name = field(pair, "input", "rules-name", "Name", {maxLength: 200, required: true});
    this.place = field(pair, "input", "rules-place", "Place", {maxLength: 200});
    this.start = field(pair, "input", "rules-start", "Begins", {type: "datetime-local"});
    this.sport = this.form.appendChild(element("p", "hint"));
    this.params = this.form.appendChild(element("div", "pair"));
    this.wrong = this.form.appendChild(element("p", "error"));
    this.wrong.setAttribute("role", "alert");
    this.form.appendChild(element("p")).append(element("button", "primary", "Save name and rules"));
    this.form.addEventListener("input", () => (this.touched = true));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.save().catch((error) => this.complain(error));
    });
  }

  async show(definition) {
    this.definition = definition;
    this.sports ??= await ask("/api/v1/sports");
    if (this.touched) return; // somebody is typing here
    const {written} = definition;
    this.name.value = written.name;
    this.place.value = written.place ?? "";
    this.start.value = localOf(written.start);
    const sport = this.sports.find(({name}) => name === written.sport);
    setText(this.sport, sport ? `${sport.title}: ${sport.rulebook}` : `${written.sport} is not installed`);
    this.inputs = (sport?.params ?? []).map((one) => this.input(one, written.params?.[one.name]));
    this.params.replaceChildren(...this.inputs.map(({box}) => box));
  }

  input(one, said) {
    const box = element("div");
    const words = titled(one.name);
    const value = said ?? one.default;
    const id = `param-${one.name}`;
    const {type, enum: choices} = one.schema;
    let made;
    if (type === "boolean" || choices) {
      made = field(box, "select", id, words);
      made.append(...(choices ?? [true, false]).map((choice) => new Option(choices ? String(choice) : choice ? "yes" : "no", JSON.stringify(choice))));
      made.value = JSON.stringify(value);
    } else if (type === "integer" || type === "number") {
      made = field(box, "input", id, words, {type: "number", step: type === "integer" ? 1 : "any"});
      if (one.schema.minimum !== undefined) made.min = one.schema.minimum;
      if (one.schema.maximum !== undefined) made.max = one.schema.maximum;
      made.value = value ?? "";
    } else if (type === "string") made = field(box, "input", id, words, {value: value ?? ""});
    else if (list(one.schema)) made = field(box, "input", id, `${words}, with commas`, {value: (value ?? []).join(", ")});
    else made = field(box, "textarea", id, `${words} (JSON)`, {rows: 3, spellcheck: false, value: value === undefined ? "" : JSON.stringify(value)});
    if (list(one.schema) || made.localName === "textarea") box.className = "broad";
    if (one.about) {
      const hint = box.appendChild(element("p", "hint", sentence(one.about.replaceAll("`", ""))));
      hint.id = `${id}-hint`;
      made.setAttribute("aria-describedby", hint.id);
    }
    return {box, made, one, said};
  }

  /** What a field says, undefined if it is as usual. */
  read({made, one, said}) {
    const text = made.value.trim();
    let value;
    if (made.localName === "select") value = JSON.parse(made.value);
    else if (one.schema.type === "string") value = text;
    else if (!text) return undefined;
    else if (made.type === "number") value = Number(text);
    else if (list(one.schema)) value = text.split(",").map((part) => part.trim()).filter(Boolean);
    else value = JSON.parse(text);
    return said === undefined && JSON.stringify(value) === JSON.stringify(one.default) ? undefined : value;
  }

  async save() {
    setText(this.wrong, "");
    for (const {made} of this.inputs) made.removeAttribute("aria-invalid");
    const params = {};
    for (const input of this.inputs) {
      try {
        const value = this.read(input);
        if (value !== undefined && value !== "") params[input.one.name] = value;
      } catch {
        input.made.setAttribute("aria-invalid", "true");
        input.made.focus();
        return setText(this.wrong, `${titled(input.one.name)} is not written as JSON.`);
      }
    }
    const changes = {name: this.name.value.trim(), place: this.place.value.trim(), params, start: this.start.value ? instantOf(this.start.value) : undefined};
    this.touched = false;
    await this.change(() => this.definition.redefine(changes), "Name and rules are saved.");
  }

  complain(error) {
    this.touched = true;
    const at = this.inputs.find(({one}) => error.pointer?.startsWith(`/data/params/${one.name}`));
    at?.made.setAttribute("aria-invalid", "true");
    at?.made.focus();
    setText(this.wrong, error.message ?? "");
  }
}

/** A parameter's name as words. */
function titled(name) {
  return (name.charAt(0).toUpperCase() + name.slice(1)).replaceAll("_", " ");
}

/** Whether a schema is a list of words. */
function list({type, items}) {
  return type === "array" && items && (items.type === "string" || Boolean(items.enum) && items.enum.every((one) => typeof one === "string"));
}

customElements.define("setup-rules", SetupRules);
