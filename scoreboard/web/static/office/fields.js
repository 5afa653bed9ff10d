/**
 * A form from a payload's JSON Schema: a field for each member, by its type, and only what was changed
 * told apart. What has no simple field (lists, tables, unions) is written as JSON.
 */

import {element, setText} from "../shell/dom.js";
import {words} from "../board/document.js";

let made = 0;

/** The schema that a reference or an optional value stands for: `{schema, optional}`. */
function plain(schema, structs) {
  if (schema.$ref) return plain(structs[schema.$ref.split("/").at(-1)] ?? {}, structs);
  const others = schema.anyOf?.filter((one) => one.type !== "null");
  if (others?.length === 1) return {...plain(others[0], structs), optional: true};
  return {schema, optional: false};
}

export class PayloadFields extends HTMLElement {
  /**
   * `form`: `{payload, dataversion}` of the type, or nothing; `said`: the payload as it stands;
   * `typed`: what was typed before, to go on with. `change` events tell that something was typed.
   */
  show(office, form, said, dataversion, typed) {
    this.office = office;
    this.said = said;
    this.fields = new Map();
    this.replaceChildren();
    const {schema} = form ? plain(form.payload, office.payloads.structs) : {schema: {}};
    const known = schema.properties && form.dataversion === dataversion;
    const properties = known ? schema.properties : {"": {}};
    for (const [name, property] of Object.entries(properties)) {
      this.add(name, property, (schema.required ?? []).includes(name), name ? (typed ?? said)[name] : typed ?? said);
    }
    this.addEventListener("input", () => this.tell());
  }

  add(name, property, required, value) {
    const {schema, optional} = plain(property, this.office.payloads.structs);
    const kind = kindOf(schema, value, this.office);
    const label = element("label");
    const input = makeInput(kind, schema, value, this.office, !required || optional);
    input.id = `field-${++made}`;
    label.htmlFor = input.id;
    const was = element("p", "hint was");
    was.id = `${input.id}-was`;
    input.setAttribute("aria-describedby", was.id);
    setText(label, name ? words(name) : "Everything that it says, as JSON");
    const field = element("div", `field ${kind}`);
    field.append(label, input, was);
    this.fields.set(name, {input, kind, was, otherwise: schema.default});
    this.append(field);
    this.tell(false);
  }

  /** The whole payload as typed. Throws SyntaxError, with `input`, for JSON that is none. */
  get value() {
    const whole = {...this.said};
    for (const [name, {input, kind, otherwise}] of this.fields) {
      const value = read(input, kind);
      if (name === "") return value;
      if (value === undefined) delete whole[name];
      else if (this.said[name] !== undefined || !isDefault(value, kind, otherwise)) whole[name] = value;
    }
    return whole;
  }

  /** Say beside each field what it was, where it is another now. */
  tell(aloud = true) {
    for (const [name, {input, kind, was, otherwise}] of this.fields) {
      let differs = true;
      try {
        const value = read(input, kind);
        const before = name ? this.said[name] : this.said;
        differs = JSON.stringify(value) !== JSON.stringify(before) && !(before === undefined && isDefault(value, kind, otherwise));
        input.removeAttribute("aria-invalid");
      } catch {
        input.setAttribute("aria-invalid", "true");
      }
      const before = name ? this.office.value(this.said[name]) : "";
      setText(was, differs ? (before ? `was ${before}` : "changed") : "");
    }
    if (aloud) this.dispatchEvent(new Event("change"));
  }

  /** Mark the field that a refusal points to; `pointer` begins at the payload. */
  complain(pointer) {
    const found = this.fields.get(pointer.split("/")[1] ?? "");
    found?.input.setAttribute("aria-invalid", "true");
    found?.input.focus();
  }
}

function kindOf(schema, value, office) {
  if (schema.enum) return "choice";
  if (schema.type === "boolean") return "yes-no";
  if (schema.type === "integer" || schema.type === "number") return "number";
  if (schema.type === "string") return office.entrants.has(value) ? "entrant" : "text";
  return "json";
}

function makeInput(kind, schema, value, office, optional) {
  if (kind === "choice") return select(schema.enum.map((one) => [one, words(one)]), value ?? schema.default, optional);
  if (kind === "entrant") return select([...office.entrants], value, optional);
  const input = document.createElement(kind === "json" ? "textarea" : "input");
  if (kind === "yes-no") {
    input.type = "checkbox";
    input.checked = value ?? schema.default ?? false;
  } else if (kind === "json") {
    input.rows = 5;
    input.spellcheck = false;
    input.value = value === undefined ? "" : JSON.stringify(value, null, 1);
  } else {
    input.value = value ?? "";
    input.autocomplete = "off";
  }
  if (kind === "number") {
    input.type = "number";
    input.step = schema.type === "integer" ? "1" : "any";
    if (schema.minimum !== undefined) input.min = schema.minimum;
    if (schema.maximum !== undefined) input.max = schema.maximum;
  }
  return input;
}

function select(options, value, optional) {
  const made = document.createElement("select");
  const all = optional ? [["", "(nothing)"], ...options] : options;
  for (const [code, text] of all) made.add(new Option(text, code, false, code === value));
  if (value === undefined && optional) made.value = "";
  return made;
}

function read(input, kind) {
  if (kind === "yes-no") return input.checked;
  if (input.value === "") return undefined;
  if (kind === "number") return Number(input.value);
  return kind === "json" ? JSON.parse(input.value) : input.value;
}

/** Whether a field that was not said before still says nothing. */
function isDefault(value, kind, otherwise) {
  return value === undefined || value === otherwise || (kind === "yes-no" && value === false);
}

customElements.define("payload-fields", PayloadFields);
