/** What is to be signed: the list, why, what every board would show, and the signature. */

import {element, reconcile, setText} from "../shell/dom.js";
import "./changes.js";
import "./fields.js";
import "./reason.js";
import {ACTS, WILL, moment, person} from "./competition.js";

export class SigningDesk extends HTMLElement {
  connectedCallback() {
    if (this.list) return;
    this.heading = element("h2", "", "To be signed");
    this.empty = element("p", "hint empty", "Nothing yet. Choose a record, and what is to become of it.");
    this.list = element("ul", "corrections");
    this.reason = element("reason-field");
    this.trouble = element("p", "error");
    this.trouble.setAttribute("role", "alert");
    this.between = element("ul", "between");
    this.choices = element("div", "row");
    this.look = this.button("Preview every board", "p", "primary", () => this.draft.look());
    this.clear = this.button("Drop all", "", "", () => this.draft.clear());
    this.steps = element("div", "row steps");
    this.steps.append(this.look, this.clear);
    this.status = element("p", "status");
    this.status.setAttribute("role", "status");
    this.changes = element("board-changes");
    this.sign = this.button("Sign", "s", "primary signature", () => this.signed());
    this.signWords = this.sign.firstChild;
    this.append(this.heading, this.empty, this.list, this.reason, this.trouble, this.between, this.choices, this.steps, this.status, this.changes, this.sign);
    this.reason.addEventListener("reason", () => this.draft.write({reason: this.reason.value}));
  }

  button(word, key, className, press) {
    const button = element("button", className);
    button.type = "button";
    button.append(document.createTextNode(word));
    if (key) {
      button.dataset.hotkey = key;
      button.append(element("kbd", "", key.toUpperCase()));
    }
    button.addEventListener("click", press);
    return button;
  }

  start(office, draft) {
    this.office = office;
    this.draft = draft;
    this.reason.offer(office.payloads.reasons);
    draft.addEventListener("draft", () => this.show());
    this.hidden = false;
    this.show();
  }

  show() {
    const {draft} = this;
    this.empty.hidden = !draft.isEmpty;
    for (const part of [this.reason, this.steps]) part.hidden = draft.isEmpty;
    this.reason.value = draft.reason;
    const items = draft.corrections.map((one) => [`${one.record} ${one.action} ${one.dataversion}`, one]);
    if (draft.undo) items.push(["undo", draft.undo]);
    reconcile(this.list, items, () => element("li", "card correction"), (card, one, isNew) => this.fill(card, one, isNew));
    const missing = draft.isEmpty ? "" : draft.missing;
    this.look.disabled = Boolean(missing || draft.busy);
    this.look.classList.toggle("primary", !draft.preview);
    setText(this.status, draft.busy || (draft.preview ? this.sum() : missing));
    const later = draft.trouble?.later;
    setText(this.trouble, later ? `Later versions of the same record stand on this (${later.join(", ")}). Undo them as well, or keep what they say.` : draft.trouble?.text ?? "");
    this.tellBetween();
    this.tellLater(later);
    this.changes.show(draft.boards ?? [], draft.moved);
    this.sign.hidden = !draft.preview;
    this.sign.disabled = Boolean(draft.busy);
    setText(this.signWords, `${draft.preview?.second_approval ? "Propose" : "Sign"}: ${this.effect()}`);
    this.point(draft.trouble?.pointer);
  }

  effect() {
    const {undo, corrections} = this.draft;
    if (undo) return `undo ${undo.words}`;
    const said = corrections.map(({action, words}) => `${WILL[action].toLowerCase()} ${words}`);
    return said.length > 2 ? `${said[0]} and ${said.length - 1} more` : said.join(" and ");
  }

  sum() {
    const {boards, moved} = this.draft;
    const second = this.draft.preview.second_approval ? " It takes effect when a second official has approved it." : "";
    if (!boards.length) return `No board would show anything else.${second}`;
    const one = boards.length === 1 ? "One board changes" : `${boards.length} boards change`;
    return `${one}. Nothing is signed yet.${second}${moved?.size ? ` Moved since you looked: ${moved.size}.` : ""}`;
  }

  /** One correction of the list; what is typed into it is kept as it is. */
  fill(card, one, isNew) {
    if (!isNew) return;
    card.replaceChildren();
    const head = element("div", "row head");
    head.append(element("strong", "", one.positions ? `Undo ${one.words}` : `${WILL[one.action]} ${one.words}`));
    const drop = element("button", "drop", "Drop");
    drop.type = "button";
    drop.setAttribute("aria-label", `Drop: ${one.words}`);
    drop.addEventListener("click", () => (one.positions ? this.draft.clear() : this.draft.remove(one.record)));
    head.append(drop);
    card.append(head);
    if (one.action !== "amend") return;
    card.fields = element("payload-fields");
    card.fields.show(this.office, this.office.payloads.types[one.type], one.said, one.dataversion, one.typed);
    card.fields.addEventListener("change", () => this.typed(one, card.fields));
    card.append(card.fields);
  }

  typed(one, fields) {
    try {
      one.typed = fields.value;
    } catch {
      return; // JSON on its way to be whole
    }
    this.draft.write({});
  }

  point(pointer) {
    const [, , number, part, ...rest] = (pointer ?? "").split("/");
    if (part === "data") this.list.children[number]?.fields?.complain(`/${rest.join("/")}`);
  }

  tellBetween() {
    this.between.replaceChildren(...this.draft.between.map((one) => {
      const text = `▲ Meanwhile: ${ACTS[one.action]} (version ${one.version}) by ${person(one.actor)} at ${moment(one.received)}`;
      return element("li", "", one.reason ? `${text}: “${one.reason}”` : text);
    }));
  }

  /** Later versions stand on what is to be undone: let them stay, or undo them as well. */
  tellLater(later) {
    this.choices.replaceChildren();
    if (!later?.length) return;
    const {undo} = this.draft;
    const both = this.button("Undo these as well", "", "", () => this.again({...undo, positions: [...undo.positions, ...later], words: `${undo.words} and what came after it (${later.join(", ")})`}));
    const keep = this.button("Keep what they say", "", "", () => this.again({...undo, over: true}));
    this.choices.append(both, keep);
  }

  again(undo) {
    this.draft.write({undo});
    this.draft.look();
  }

  async signed() {
    const signed = await this.draft.sign();
    if (signed) this.dispatchEvent(new CustomEvent("signed", {detail: signed}));
  }
}

customElements.define("signing-desk", SigningDesk);
