/** What a panel has decided: a light for each, by sign, word and colour, and what it comes to. */

import {element, mark, reconcile, setText} from "../shell/dom.js";

const SIGNS = {none: "·", in: "…", good: "○", bad: "✕"};

/** `shown`: [{id, name, state, words, reason}]; `word`: what it comes to. */
export function showPanel(panel, {shown, word}) {
  panel.hidden = !shown.length && !word;
  const [lights, verdict] = [panel.querySelector(".lights"), panel.querySelector("p")];
  reconcile(lights, shown.map((one) => [one.id, one]), create, (light, one) => {
    light.dataset.state = one.state;
    setText(light.sign, SIGNS[one.state]);
    setText(light.name, one.name);
    setText(light.words, [one.words, one.reason].filter(Boolean).join(": "));
  });
  if (setText(verdict, word) && word) mark(verdict);
}

function create() {
  const light = element("li");
  light.sign = light.appendChild(element("span", "sign"));
  light.sign.setAttribute("aria-hidden", "true");
  light.name = light.appendChild(element("span", "name"));
  light.words = light.appendChild(element("span", "words"));
  return light;
}
