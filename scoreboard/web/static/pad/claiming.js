/** Which position this device holds: claimed, taken over, given back; others' beside it. */

import {wordsOf} from "../shell/ask.js";
import {element, reconcile, setText} from "../shell/dom.js";
import {localTime} from "../shell/connection.js";

export class PadClaim extends HTMLElement {
  connectedCallback() {
    this.line = element("p", "position");
    this.line.setAttribute("role", "status");
    this.again = button("Take back", "primary");
    this.again.addEventListener("click", () => this.do(() => this.claim.take(this.claim.position, this.claim.holder)));
    this.leave = button("Change");
    this.leave.setAttribute("aria-label", "Change the position");
    this.leave.addEventListener("click", () => this.choose());
    this.strip = element("div", "strip");
    this.strip.append(this.line, this.again, this.leave);
    this.form = this.makeForm();
    this.problem = element("p", "error");
    this.problem.setAttribute("role", "alert");
    this.append(this.strip, this.form, this.problem);
  }

  makeForm() {
    const form = element("form", "claim");
    this.name = field("This device is", "device-name", "Ann's phone");
    this.position = field("Its position", "position", "court 1 scorer");
    this.suggestions = element("div", "row");
    this.others = element("ul", "others");
    const go = element("button", "primary big", "Claim this position");
    this.cancel = button("Keep the one I have");
    this.cancel.addEventListener("click", () => {
      this.choosing = false;
      this.show();
    });
    form.append(element("h2", "", "Before you score"), this.name.label, this.position.label, this.suggestions, go, this.cancel, this.others);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    return form;
  }

  /** `suggested`: positions that are likely here; `fixed`: there are no others. */
  of(claim, suggested, fixed) {
    this.claim = claim;
    this.position.input.readOnly = fixed;
    this.suggested = suggested;
    for (const name of ["claim", "looked"]) claim.addEventListener(name, () => this.show());
    this.show();
  }

  show() {
    const {state, holder, position, all} = this.claim;
    this.dataset.state = this.choosing ? "none" : state;
    const lost = state === "lost";
    this.form.hidden = !this.choosing && state !== "none";
    this.strip.hidden = !this.form.hidden;
    this.again.hidden = !lost;
    setText(this.again, this.claim.had ? "Take back" : "Take over");
    const mine = all.find((one) => one.position === position);
    const taken = this.claim.had ? "taken over" : "held";
    setText(this.line, lost
      ? `▲ ${position}: ${taken} by ${called(holder)} at ${localTime(Date.parse(holder.since))}. Buttons are off here.`
      : `✓ ${position}${mine?.before ? ` · taken over from ${mine.before}` : ""}`);
    if (this.form.hidden) return;
    this.cancel.hidden = state === "none";
    if (!this.name.input.value) this.name.input.value = this.claim.name;
    const held = new Map(all.map((one) => [one.position, one]));
    const free = this.suggested();
    if (!this.position.input.value) this.position.input.value = free.find((one) => !held.has(one)) ?? "";
    reconcile(this.suggestions, free.map((one) => [one, one]), () => button(""), (pick, one) => {
      setText(pick, one);
      pick.onclick = () => (this.position.input.value = one);
      pick.hidden = held.has(one);
    });
    reconcile(this.others, all.map((one) => [one.position, one]), () => element("li"), (row, one) => {
      row.words ??= row.appendChild(element("span"));
      row.take ??= row.appendChild(button("Take over"));
      setText(row.words, `${one.position}: ${called(one)} since ${localTime(Date.parse(one.since))}`);
      row.take.hidden = one.device === this.claim.store.device;
      row.take.onclick = () => this.do(() => this.claim.take(one.position, one));
    });
  }

  choose() {
    this.choosing = true;
    this.position.input.value = "";
    this.show();
    this.position.input.focus();
  }

  async submit() {
    const wanted = this.position.input.value.trim();
    if (!wanted) return setText(this.problem, "Name a position, please.");
    await this.claim.call(this.name.input.value.trim());
    await this.do(async () => {
      await this.claim.give(wanted);
      await this.claim.take(wanted);
    });
  }

  async do(work) {
    setText(this.problem, "");
    await this.claim.call(this.name.input.value.trim() || this.claim.name);
    try {
      await work();
      this.choosing = false;
      this.show();
    } catch (error) {
      setText(this.problem, wordsOf(error));
    }
  }
}

function called({name, device}) {
  return name || device;
}

function button(text, look = "") {
  const made = element("button", look, text);
  made.type = "button";
  return made;
}

function field(text, name, placeholder) {
  const label = element("label", "", text);
  const input = element("input");
  Object.assign(input, {name, placeholder, maxLength: 80, autocomplete: "off"});
  label.append(input);
  return {label, input};
}

customElements.define("pad-claim", PadClaim);
