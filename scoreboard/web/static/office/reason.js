/** Why: the competition's reasons to choose from, and a field for any other. */

import {element} from "../shell/dom.js";

const REASON_CHARACTERS_MAX = 500;
let made = 0;

export class ReasonField extends HTMLElement {
  connectedCallback() {
    if (this.input) return;
    this.input = element("input");
    this.input.id = `reason-${++made}`;
    this.input.maxLength = REASON_CHARACTERS_MAX;
    this.input.autocomplete = "off";
    this.input.placeholder = "Type it, or choose below";
    const label = element("label", "", "Why");
    label.htmlFor = this.input.id;
    this.codes = element("div", "codes row");
    this.codes.setAttribute("role", "group");
    this.codes.setAttribute("aria-label", "Reasons to choose from");
    this.append(label, this.input, this.codes);
    this.input.addEventListener("input", () => this.changed());
  }

  /** The reasons to choose from. */
  offer(reasons) {
    this.codes.replaceChildren(...reasons.map((reason) => {
      const button = element("button", "code", reason);
      button.type = "button";
      button.addEventListener("click", () => {
        this.value = reason;
        this.changed();
      });
      return button;
    }));
    this.press();
  }

  get value() {
    return this.input.value.trim();
  }

  set value(text) {
    if (this.value !== text) this.input.value = text;
    this.press();
  }

  changed() {
    this.press();
    this.dispatchEvent(new Event("reason"));
  }

  press() {
    for (const button of this.codes.children) button.setAttribute("aria-pressed", String(button.textContent === this.value));
  }
}

customElements.define("reason-field", ReasonField);
