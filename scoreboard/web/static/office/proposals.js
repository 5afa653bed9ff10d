/**
 * Corrections that wait for a second official: who proposed what, every board as it would be, and
 * approval or refusal. Whoever proposed one cannot approve it, and can take it back.
 */

import {ask, wordsOf} from "../shell/ask.js";
import {element, reconcile, setText} from "../shell/dom.js";
import "./changes.js";
import "./reason.js";
import {WILL, effectOf, moment, person} from "./competition.js";
import {described} from "./draft.js";

const TRIES = 3;
const KEY = "e";

export class WaitingProposals extends HTMLElement {
  connectedCallback() {
    if (this.list) return;
    this.heading = element("h2", "", "Waits for a second official");
    this.list = element("div", "corrections");
    this.list.setAttribute("role", "list");
    this.append(this.heading, this.list);
    this.hidden = true;
  }

  /** `me`: who looks, as an actor. Throws Refused. */
  async start(office, me) {
    Object.assign(this, {office, me, path: `${office.api}/corrections/proposals`});
    await this.look();
  }

  /** Read anew what waits. Throws Refused. */
  async look() {
    const {proposals} = await ask(this.path);
    this.hidden = !proposals.length;
    reconcile(this.list, proposals.map((one) => [String(one.position), one]), () => new WaitingProposal(), (card, one) => card.show(this, one));
  }

  /** Show the boards of one of them. */
  async choose(position) {
    const card = [...this.list.children].find(({one}) => String(one.position) === position);
    await card?.preview();
    card?.scrollIntoView({block: "start"}); // it has its height now
  }

  tell(words) {
    this.dispatchEvent(new CustomEvent("decided", {detail: words}));
  }
}

class WaitingProposal extends HTMLElement {
  connectedCallback() {
    if (this.what) return;
    this.className = "card correction";
    this.setAttribute("role", "listitem");
    this.what = element("strong");
    this.who = element("p", "hint");
    this.lines = element("ul", "meant");
    this.trouble = element("p", "error");
    this.trouble.setAttribute("role", "alert");
    this.open = this.button("Look at every board", "", () => this.preview());
    this.changes = element("board-changes");
    this.reason = element("reason-field");
    this.approve = this.button("", "primary signature", () => this.decide("approve"));
    this.approveWords = element("span");
    this.approve.append(this.approveWords, element("kbd", "", KEY.toUpperCase()));
    this.decline = this.button("Decline", "danger", () => this.decide("decline"));
    this.deciding = element("div", "decide");
    this.deciding.append(this.changes, this.approve, this.reason, this.decline);
    this.deciding.hidden = true;
    this.append(this.what, this.who, this.lines, this.trouble, this.open, this.deciding);
  }

  button(word, className, press) {
    const button = element("button", className, word);
    button.type = "button";
    button.addEventListener("click", press);
    return button;
  }

  show(list, one) {
    const isNew = !this.one;
    Object.assign(this, {list, one});
    const {office, me} = list;
    const own = one.actor === me;
    setText(this.what, effectOf(one, office));
    setText(this.who, `Proposed by ${own ? "you" : person(one.actor)} at ${moment(one.received)}.${own ? " Another official approves it; you can take it back." : ""}`);
    this.lines.replaceChildren(...one.corrections.map((each) => this.line(each)));
    this.isOwn = own;
    setText(this.decline, own ? "Take back" : "Decline");
    setText(this.approveWords, `Approve: ${effectOf(one, office)}`);
    if (isNew) this.reason.offer(office.payloads.reasons);
    if (one.overtaken) this.lapse("A record was corrected since. Decline it, and propose it anew.");
  }

  line({action, type, said, data, contest, reason}) {
    const {office} = this.list;
    const is = action === "amend" ? `${office.describe(type, said ?? {})} → ${office.describe(type, data)}` : office.describe(type, said ?? {});
    return element("li", "", `${WILL[action]}: ${is} · ${office.contest(contest)} · “${reason}”`);
  }

  /** It cannot be approved any more. */
  lapse(why) {
    setText(this.trouble, `▲ It has lapsed. ${why}`);
    this.changes.show([]);
    this.open.hidden = true;
    this.approve.hidden = true;
    this.deciding.hidden = false;
  }

  async preview() {
    const {list, one} = this;
    setText(this.trouble, "");
    try {
      let boards = null;
      for (let tries = 0; !boards && tries < TRIES; tries++) { // again if a board moved while it was read
        const preview = await ask(`${list.path}/${one.position}/preview`);
        boards = await described(preview.boards, list.office);
      }
      this.changes.show(boards ?? []);
      this.approve.hidden = this.isOwn;
      for (const other of list.querySelectorAll(".signature")) delete other.dataset.hotkey;
      this.approve.dataset.hotkey = KEY; // of the one that was looked at last
      this.deciding.hidden = false;
      this.open.hidden = true;
    } catch (refused) {
      this.refuse(refused);
    }
  }

  async decide(action) {
    const {list, one} = this;
    const reason = this.reason.value;
    if (action === "decline" && !reason) {
      setText(this.trouble, "Say why.");
      this.reason.input.focus();
      return;
    }
    this.deciding.inert = true;
    try {
      const body = {action, ...(action === "approve" ? {digest: one.digest} : {}), ...(reason ? {reason} : {})};
      await ask(`${list.path}/${one.position}`, {method: "POST", body});
      const word = action === "approve" ? "Approved" : this.isOwn ? "Taken back" : "Declined";
      list.tell(`${word}: ${effectOf(one, list.office)}.`);
    } catch (refused) {
      this.refuse(refused);
    } finally {
      this.deciding.inert = false;
    }
  }

  refuse(refused) {
    if (refused.name !== "Refused") throw refused;
    if (refused.status === 412) this.lapse(wordsOf(refused));
    else setText(this.trouble, wordsOf(refused));
  }
}

customElements.define("waiting-proposals", WaitingProposals);
customElements.define("waiting-proposal", WaitingProposal);
