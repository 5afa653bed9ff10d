/**
 * The buttons of a pad, made from what a sport describes. A sport's module has
 *
 *   groups(view)   the buttons as they are now: [{title?, label?, side?, wide?, actions | picker | stepper}]
 *   totals(view)   what counts: [{id, name, board, own}], the board's figure and this device's
 *   heading(view)  a line above the buttons, such as the period; may be left out
 *
 * and an action is {id, label, sub?, key?, tone?, main?, disabled?, type, data?, steps?, effect, make?}:
 * `data` is a function where the moment of the press counts;
 * `effect` names what is said for people ("goal Gulls 23'"), a text or a function of the data; `make`
 * makes several events of one press. `run` in place of `type` changes the pad itself, and says nothing.
 * A picker chooses who is meant (`view.local.entrant`), a stepper a number (`view.local[name]`).
 */

import {element, reconcile, setText} from "../shell/dom.js";
import {bigButton} from "./sheet.js";

const PICKED_MAX = 12; // more are found by typing

export class PadActions extends HTMLElement {
  /** Show groups; `locked`: what they say is not for this device now. */
  show(groups, view, locked) {
    this.view = view;
    const named = groups.map((group, n) => [`${group.title ?? ""}/${kindOf(group)}/${group.id ?? n}`, group]);
    reconcile(this, named, () => element("section"), (section, group) => {
      section.className = `group ${group.side ?? ""} ${group.wide ? "wide" : ""}`;
      section.heading ??= section.appendChild(element("h2"));
      setText(section.heading, group.title ?? "");
      section.heading.hidden = !group.title;
      section.setAttribute("aria-label", group.label ?? group.title ?? "");
      section.body ??= section.appendChild(element("div", "actions"));
      if (group.picker) this.pick(section.body, group);
      else if (group.stepper) this.step(section.body, group);
      else this.fill(section.body, group.actions, locked);
    });
  }

  fill(body, actions, locked) {
    reconcile(body, actions.map((action) => [action.id, action]), () => this.button(), (button, action) => {
      button.action = action;
      setText(button.label, action.label);
      setText(button.sub, action.sub ?? "");
      setText(button.kbd, action.key === " " ? "Space" : (action.key ?? "").toUpperCase());
      button.kbd.hidden = !action.key;
      if (action.key) button.dataset.hotkey = action.key.toLowerCase();
      else delete button.dataset.hotkey;
      button.className = `big ${action.main ? "main" : ""} ${action.tone ?? ""}`;
      if (action.pressed === undefined) button.removeAttribute("aria-pressed");
      else button.setAttribute("aria-pressed", String(action.pressed));
      button.disabled = Boolean(action.disabled) || (locked && !action.run);
    });
  }

  button() {
    const button = bigButton("");
    button.label = button.querySelector(".label");
    button.sub = button.appendChild(element("span", "sub"));
    button.kbd = button.appendChild(element("kbd"));
    button.addEventListener("click", () => {
      this.dispatchEvent(new CustomEvent("act", {detail: {action: button.action, button}, bubbles: true}));
    });
    return button;
  }

  /** Choose one of many: buttons if they are few, else a field that finds. */
  pick(body, {picker = "entrant", among}) {
    const {local} = this.view;
    if (!body.search) {
      body.search = element("input", "search");
      body.search.type = "search";
      body.search.placeholder = "Find by name or number";
      body.search.setAttribute("aria-label", "Find by name or number");
      body.search.addEventListener("input", () => this.changed());
      body.list = element("div", "picks");
      body.append(body.search, body.list);
    }
    body.search.hidden = among.length <= PICKED_MAX;
    const wanted = body.search.hidden ? "" : body.search.value.trim().toLowerCase();
    const found = among.filter((one) => `${one.id} ${one.name}`.toLowerCase().includes(wanted));
    const shown = found.slice(0, PICKED_MAX);
    reconcile(body.list, shown.map((one) => [one.id, one]), () => element("button", "pick"), (button, one) => {
      button.type = "button";
      setText(button, one.name);
      button.setAttribute("aria-pressed", String(local[picker] === one.id));
      button.onclick = () => this.set(picker, one.id);
    });
  }

  step(body, {stepper, label, value, min, max, keys = ["", ""]}) {
    if (!body.less) {
      body.less = bigButton("−", keys[0]);
      body.more = bigButton("+", keys[1]);
      body.value = element("output", "value");
      body.append(body.less, body.value, body.more);
    }
    setText(body.value, label ?? String(value));
    body.less.setAttribute("aria-label", `Less: ${label ?? stepper}`);
    body.more.setAttribute("aria-label", `More: ${label ?? stepper}`);
    body.less.disabled = value <= min;
    body.more.disabled = value >= max;
    body.less.onclick = () => this.set(stepper, value - 1);
    body.more.onclick = () => this.set(stepper, value + 1);
    body.classList.add("stepper");
  }

  set(name, value) {
    this.view.local[name] = value;
    this.changed();
  }

  changed() {
    this.dispatchEvent(new Event("local", {bubbles: true}));
  }
}

function kindOf(group) {
  return group.picker ? "picker" : group.stepper ? "stepper" : "actions";
}

customElements.define("pad-actions", PadActions);
