/** One matter: what it is, since when, who is waited for, and the decisions with what each will do. */

import {sentence} from "../shell/ask.js";
import {element, setText} from "../shell/dom.js";
import "./reason.js";
import {moment, person} from "./competition.js";

export class MatterView extends HTMLElement {
  connectedCallback() {
    if (this.heading) return;
    this.heading = element("h2");
    this.where = element("p", "hint");
    this.what = element("p", "what");
    this.facts = element("p", "facts");
    this.lines = element("ol", "behind");
    this.settled = element("div", "card done");
    this.reason = element("reason-field");
    this.trouble = element("p", "error");
    this.trouble.setAttribute("role", "alert");
    this.decisions = element("ul", "decisions");
    this.append(this.heading, this.where, this.what, this.facts, this.lines, this.settled, this.reason, this.trouble, this.decisions);
    this.reason.addEventListener("reason", () => this.typed());
    this.reason.input.addEventListener("keydown", (event) => event.key === "Enter" && this.entered(event));
    this.drafts = new Map(); // reasons by matter, so that none is lost by looking at another
  }

  /** Show an item of the queue; `behind`: what `Matters.behind` told, or nothing yet. */
  show({matter, settled, undo}, office, behind) {
    const another = this.key !== matter.key;
    const changed = another || this.stamp !== matter.stamp;
    [this.key, this.stamp, this.matter, this.behind] = [matter.key, matter.stamp, matter, behind];
    setText(this.heading, matter.title);
    setText(this.where, office.definition.name);
    setText(this.what, matter.what);
    const since = behind?.since || matter.since;
    setText(this.facts, `${since ? `Since ${moment(since)}. ` : ""}Waits for ${matter.waits}.`);
    this.lines.replaceChildren(...(behind?.lines ?? []).map((one) => {
      const why = one.reason ? `: “${one.reason}”` : "";
      return element("li", "", `${one.text} by ${person(one.actor)} at ${moment(one.received)}${why}`);
    }));
    this.tellSettled(settled, undo);
    const made = matter.decisions.some(({href}) => !href);
    this.reason.hidden = Boolean(settled) || !made;
    this.decisions.hidden = Boolean(settled);
    if (another) {
      this.reason.offer(matter.reasons);
      this.reason.value = this.drafts.get(matter.key) ?? "";
      this.wanted = null;
      setText(this.trouble, "");
    }
    if (changed) this.decisions.replaceChildren(...matter.decisions.map((one) => this.decision(one)));
    for (const item of this.decisions.children) this.allow(item, behind?.stop);
  }

  decision(one) {
    const item = element("li", "decision");
    const control = element(one.href ? "a" : "button", `${one.href ? "button" : ""} ${one.danger ? "danger" : ""}`.trim(), one.word);
    control.dataset.hotkey = one.hotkey;
    control.append(element("kbd", "", one.hotkey.toUpperCase()));
    if (one.href) control.href = one.href;
    else {
      control.type = "button";
      control.addEventListener("click", () => this.press(one));
    }
    item.one = one;
    item.control = control;
    item.effect = element("p", "effect", sentence(one.effect));
    item.append(control, item.effect);
    return item;
  }

  allow(item, stop) {
    const why = item.one.hotkey === "a" && stop?.approve;
    if (item.one.href) return;
    item.control.disabled = Boolean(why);
    setText(item.effect, why || sentence(item.one.effect));
  }

  /** A decision is asked for: without a reason that is asked first, and Enter there makes it. */
  press(one) {
    this.wanted = one;
    if (!this.reason.value) {
      setText(this.trouble, `Say why, then press Enter: ${one.word}.`);
      this.reason.input.focus();
      return;
    }
    const {matter, behind} = this;
    this.dispatchEvent(new CustomEvent("decide", {detail: {matter, decision: one, reason: this.reason.value, seen: behind?.seen}}));
  }

  typed() {
    this.drafts.set(this.key, this.reason.value);
  }

  entered(event) {
    event.preventDefault();
    if (this.wanted && this.reason.value) this.press(this.wanted);
    else setText(this.trouble, this.wanted ? "Say why." : "Press the key of a decision.");
    if (!this.wanted) this.reason.input.blur();
  }

  complain(text) {
    setText(this.trouble, text);
  }

  tellSettled(words, undo) {
    this.settled.hidden = !words;
    this.settled.replaceChildren(element("p", "", words ? `✓ ${words}` : ""));
    if (!undo) return;
    const button = element("button", "undo", `Undo: ${undo.words}`);
    button.type = "button";
    button.dataset.hotkey = "z";
    button.append(element("kbd", "", "Z"));
    button.addEventListener("click", () => this.dispatchEvent(new CustomEvent("takeback", {detail: {matter: this.matter, position: undo.position}})));
    this.settled.append(button);
  }
}

customElements.define("matter-view", MatterView);
