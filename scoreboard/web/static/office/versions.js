/** A record: what it says, all its versions, and what can be done about it. */

import {element, setText} from "../shell/dom.js";
import {ACTS, moment, person} from "./competition.js";

const DONE = {record: "Said", amend: "Amended", void: "Voided", restore: "Restored"};

export class RecordVersions extends HTMLElement {
  connectedCallback() {
    if (this.head) return;
    this.head = element("h2");
    this.standing = element("p", "standing");
    this.list = element("ol", "versions");
    this.acts = element("div", "acts row");
    this.append(this.head, this.standing, this.acts, this.list);
    this.buttons = Object.fromEntries([["amend", "Amend", "a"], ["void", "Void", "v"], ["restore", "Restore", "r"]].map(([act, word, key]) => {
      const button = element("button", act === "void" ? "danger" : "", word);
      button.type = "button";
      button.dataset.hotkey = key;
      button.append(element("kbd", "", key.toUpperCase()));
      button.addEventListener("click", () => this.tell("act", {act, ...this.what}));
      this.acts.append(button);
      return [act, button];
    }));
  }

  tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, {detail}));
  }

  /** Show a record as `GET .../records/{record}` tells it. */
  show(office, {record, versions, in_force: standing}) {
    const spoken = versions.findLast(({version, action}) => (standing ? version === standing : ["record", "amend"].includes(action)));
    const words = office.describe(spoken.type, spoken.data);
    const last = versions.at(-1);
    this.what = {record, words, type: spoken.type, said: spoken.data ?? {}, dataversion: spoken.dataversion ?? 1, version: last.version};
    setText(this.head, words);
    setText(this.standing, [
      standing ? "✓ It counts" : "✕ It does not count",
      office.contest(spoken.contest),
      `record ${record}`,
    ].join(" · "));
    this.standing.dataset.counts = standing ? "yes" : "no";
    this.buttons.void.disabled = !standing;
    this.buttons.restore.disabled = Boolean(standing);
    this.buttons.amend.disabled = Boolean(spoken.erased);
    const gone = undone(versions);
    let said = words; // as it was when each version came
    const items = versions.map((one) => {
      if (one.data && ["record", "amend"].includes(one.action)) said = office.describe(one.type, one.data);
      return this.item(office, said, one, gone.get(one.position));
    });
    this.list.replaceChildren(...items.reverse());
  }

  item(office, words, one, undoneBy) {
    const item = element("li");
    const head = element("p", "version");
    const isUndoing = Boolean(one.extensions?.undoes);
    const did = isUndoing ? `Undid ${one.extensions.undoes}` : DONE[one.action];
    const approved = one.extensions?.approvedby ? `, approved by ${person(one.extensions.approvedby)},` : "";
    head.append(element("strong", "", did), ` by ${person(one.actor)}${approved} at ${moment(one.received)}`);
    if (one.in_force) head.append(element("span", "tag", "✓ counts"));
    if (one.overruled) head.append(element("span", "tag", "▲ device, overruled"));
    if (undoneBy) head.append(element("span", "tag", `undone by ${undoneBy}`));
    item.append(head);
    if (one.reason) item.append(element("p", "why", `“${one.reason}”`));
    const says = ["record", "amend"].includes(one.action) && !one.erased ? office.describe(one.type, one.data) : "";
    if (one.erased) item.append(element("p", "hint", "What it said was erased."));
    else if (says) item.append(element("p", "says", says));
    item.append(element("p", "hint", `Position ${one.position}, version ${one.version}`));
    if (!undoneBy && one.version > 1) item.append(this.undoButton(words, one, isUndoing));
    return item;
  }

  undoButton(words, one, isUndoing) {
    const act = isUndoing ? "undoing" : ACTS[one.action];
    const effect = `${act} of ${words} by ${person(one.actor)} at ${moment(one.received)}`;
    const button = element("button", "undo", `Undo: ${effect}`);
    button.type = "button";
    button.addEventListener("click", () => this.tell("undo", {positions: [one.position], words: effect, record: this.what.record}));
    return button;
  }
}

/** What does not count any more, by position: the position of what undid it. */
function undone(versions) {
  const gone = new Map();
  for (const {position, extensions} of [...versions].reverse()) {
    if (gone.has(position) || !extensions?.undoes) continue;
    for (const one of extensions.undoes.split(" ")) if (!gone.has(Number(one))) gone.set(Number(one), position);
  }
  return gone;
}

customElements.define("record-versions", RecordVersions);
