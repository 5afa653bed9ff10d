/** Keys (for admins: made and revoked) and sessions (one's own; an admin's: all). */

import {ask, wordsOf} from "../shell/ask.js";
import {localTime} from "../shell/connection.js";
import {element, reconcile, setText} from "../shell/dom.js";
import "../shell/who.js";
import {table} from "./table.js";

const KEYS = "/api/v1/keys";
const SESSIONS = "/api/v1/sessions";
const SURE_MS = 6_000;
const $ = (selector) => document.querySelector(selector);
let withRevoked = false;

async function start() {
  const who = await $("who-am-i").known;
  await sessions();
  if (who.role !== "admin" || who.competition) return;
  $("#for-admins").hidden = false;
  const listed = await ask("/api/v1/competitions");
  reconcile($("#competition"), [["", {name: "all competitions"}], ...listed.map((one) => [one.slug, one])], (slug) => new Option("", slug), (option, one) => {
    setText(option, one.name || one.slug);
  });
  await keys();
}

async function sessions() {
  const found = await ask(SESSIONS);
  const rows = found.map((one) => [
    element("strong", "", one.current ? `${one.name} (you)` : one.name),
    one.competition ? `${one.role} of ${one.competition}` : one.role,
    one.address,
    browserOf(one.agent),
    localTime(Date.parse(one.created)),
    localTime(Date.parse(one.last_used)),
    localTime(Date.parse(one.ends)),
    sure("End", `End the session of ${one.name} from ${one.address}`, async () => {
      await ask(`${SESSIONS}/${one.id}`, {method: "DELETE"});
      if (one.current) location.assign("/login");
      else await sessions();
    }),
  ]);
  setText($("#notice"), rows.length ? "" : "Nobody is logged in.");
  $("#sessions").replaceChildren(table("Sessions", ["Who", "Role", "From", "With", "Since", "Last used", "Ends", "Action"], rows));
}

async function keys() {
  const found = await ask(KEYS);
  const inForce = found.filter((one) => !one.revoked);
  const rows = (withRevoked ? found : inForce).reverse().map((one) => [
    element("strong", "", one.name),
    one.competition ? `${one.role} of ${one.competition}` : one.role,
    `${localTime(Date.parse(one.created))} by ${one.created_by}`,
    one.last_used ? localTime(Date.parse(one.last_used)) : "never",
    one.revoked ? `✕ revoked ${localTime(Date.parse(one.revoked))}` : sure("Revoke", `Revoke the key of ${one.name}`, async () => {
      await ask(`${KEYS}/${one.id}`, {method: "DELETE"});
      await Promise.all([keys(), sessions()]);
    }),
  ]);
  $("#keys").replaceChildren(table("Keys", ["Name", "Role", "Made", "Last used", "Action"], rows));
  $("#revoked").hidden = inForce.length === found.length;
}

/** A button that asks once more before it does what cannot be taken back. */
function sure(word, name, act) {
  const button = element("button", "danger", word);
  button.type = "button";
  button.setAttribute("aria-label", name);
  let timer = 0;
  const calm = () => {
    clearTimeout(timer);
    timer = 0;
    setText(button, word);
    button.setAttribute("aria-label", name);
  };
  button.addEventListener("click", async () => {
    if (!timer) {
      setText(button, "Sure?");
      button.setAttribute("aria-label", `Sure? ${name}`);
      timer = setTimeout(calm, SURE_MS);
      return;
    }
    calm();
    button.disabled = true;
    await act().catch(tell);
    button.disabled = false;
  });
  return button;
}

/** A browser's name in a few words; what it says of itself is long and mostly history. */
function browserOf(agent) {
  const browser = /(Firefox|Edg|OPR|Chrome|Safari)\/(\d+)/.exec(agent);
  const system = /Android|iPhone|iPad|Windows|Mac OS X|Linux/.exec(agent);
  const names = {Edg: "Edge", OPR: "Opera"};
  const words = [browser && (names[browser[1]] ?? browser[1]), system && `on ${system[0]}`].filter(Boolean).join(" ");
  return words || agent.slice(0, 40) || "—";
}

function tell(refused) {
  setText($("#notice"), wordsOf(refused));
}

/** The new key, shown once. */
function show({name, key}) {
  const box = $("#made");
  const text = element("output", "key", key);
  const copy = element("button", "primary", "Copy");
  copy.type = "button";
  copy.addEventListener("click", async () => {
    getSelection().selectAllChildren(text);
    try {
      await navigator.clipboard.writeText(key);
      setText(copy, "Copied ✓");
    } catch {
      setText(copy, "Press Ctrl+C"); // a plain HTTP address: browsers let no script copy there
    }
  });
  const row = element("p", "row");
  row.append(copy);
  const code = element("figure");
  box.replaceChildren(element("p", "", `The key of ${name}. It is shown this once: copy it now, or scan it.`), text, row, code);
  box.hidden = false;
  copy.focus();
  showCode(code, key).catch(tell);
}

/** A code that a phone scans to log in with the key, by an address that phones reach if there is one. */
async function showCode(code, key) {
  const doors = (await ask("/api/v1/addresses")).filter(({listener}) => listener === "private");
  const door = doors.find(({own, named, tls}) => !own && !named && !tls) ?? doors.find(({own}) => !own) ?? doors[0];
  const url = `${door.url}/login#${new URLSearchParams({key})}`;
  const headers = {"Content-Type": "application/json"};
  const answer = await fetch("/api/v1/addresses/qr.svg", {method: "POST", headers, body: JSON.stringify({url})});
  if (!answer.ok) return;
  const picture = element("img");
  picture.src = `data:image/svg+xml,${encodeURIComponent(await answer.text())}`;
  picture.alt = "QR code of the login with this key";
  const words = door.own
    ? "Phones cannot reach this server yet: start it with --lan private to log them in by a code like this."
    : `Scanned by the phone or tablet that shall have it, it opens ${door.url}/login with the key filled in.`;
  code.replaceChildren(picture, element("figcaption", "hint", words));
}

$("#make").addEventListener("submit", async (event) => {
  event.preventDefault();
  const [name, role, competition] = ["name", "role", "competition"].map((id) => $(`#${id}`).value.trim());
  setText($("#make-wrong"), "");
  try {
    show(await ask(KEYS, {method: "POST", body: {name, role, ...(competition ? {competition} : {})}}));
    $("#name").value = "";
    await keys();
  } catch (refused) {
    setText($("#make-wrong"), wordsOf(refused));
    $("#name").focus();
  }
});
// A name stands in addresses and in the ledger as one word; who writes two sees what becomes of them.
$("#name").addEventListener("input", ({target}) => {
  if (/\s/.test(target.value)) target.value = target.value.trimStart().replace(/\s+/g, "-");
});
$("#revoked").addEventListener("click", async () => {
  withRevoked = !withRevoked;
  $("#revoked").setAttribute("aria-pressed", String(withRevoked));
  setText($("#revoked"), withRevoked ? "Hide revoked keys" : "Show revoked keys");
  await keys().catch(tell);
});
start().catch(tell);
