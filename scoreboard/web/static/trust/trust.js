/** Walks a device through trusting this installation's authority, and to the secure door. */

import {ask} from "../shell/ask.js";
import {setText} from "../shell/dom.js";

const without = document.querySelector("#without");
const buttons = document.querySelectorAll(".kinds button");

function choose(kind) {
  for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.kind === kind));
  for (const list of document.querySelectorAll(".how")) list.hidden = list.dataset.kind !== kind;
}

function kindOfDevice() {
  const {userAgent, maxTouchPoints} = navigator;
  if (/iPhone|iPad/.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1)) return "iphone";
  return /Android/.test(userAgent) ? "android" : "computer";
}

/** The secure door of the listener that this page came from; of the public one if it has none. */
async function show() {
  const {fingerprint, ports} = await ask("/api/v1/trust");
  const port = ports.public ?? ports.private;
  if (location.protocol === "https:") return setText(without, "✓ This connection is secure already.");
  if (!port) return setText(without, "This server has no secure door. Everything works without it; who runs it opens one with: scoreboard serve --tls");
  const door = document.querySelector("#door");
  const secure = new URL("/", location.href);
  secure.protocol = "https:";
  secure.port = port;
  door.href = secure.href;
  setText(door, `Open ${door.href}`);
  setText(document.querySelector("#fingerprint"), fingerprint);
  setText(without, "");
  document.querySelector("#with").hidden = false;
}

for (const button of buttons) button.addEventListener("click", () => choose(button.dataset.kind));
choose(kindOfDevice());
show().catch((error) => setText(without, `${error.message} ${error.hint}`));
