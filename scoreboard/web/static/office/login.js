/** The login: one key, once. Then back to where one came from, on this server alone. */

import {ask, tellWhoChanged, wordsOf} from "../shell/ask.js";
import {setText} from "../shell/dom.js";

const SESSIONS = "/api/v1/sessions";
const FIRST = {device: "/pad", official: "/log", admin: "/log"};

const form = document.querySelector("#login");
const key = document.querySelector("#key");
const show = document.querySelector("#show");
const wrong = document.querySelector("#wrong");
const enter = document.querySelector("#enter");

/** Where `?back=` leads, if that is a path of this server. */
function back() {
  const wanted = new URLSearchParams(location.search).get("back");
  if (!wanted?.startsWith("/")) return null;
  try {
    const found = new URL(wanted, location.origin);
    return found.origin === location.origin ? found.pathname + found.search + found.hash : null;
  } catch {
    return null;
  }
}

show.addEventListener("click", () => {
  const shown = key.type === "password";
  key.type = shown ? "text" : "password";
  setText(show, shown ? "Hide" : "Show");
  show.setAttribute("aria-pressed", String(shown));
  key.focus();
});

key.addEventListener("input", () => complain(""));

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (enter.disabled) return;
  complain("");
  enter.disabled = true;
  try {
    const who = await ask(SESSIONS, {method: "POST", body: {key: key.value}, login: false});
    key.type = "password"; // so that password managers know what it was
    tellWhoChanged();
    location.replace(back() ?? FIRST[who.role]);
  } catch (refused) {
    complain(words(refused));
    enter.disabled = false;
    key.focus();
    key.select();
  }
});

function complain(text) {
  setText(wrong, text);
  if (text) key.setAttribute("aria-invalid", "true");
  else key.removeAttribute("aria-invalid");
}

function words(refused) {
  if (refused.status === 429) return `Too many wrong keys came from here. Wait ${refused.problem.retry_after_s} s and try again.`;
  return wordsOf(refused);
}

/** A code that was scanned brings its key behind `#`, where no server sees it and no history keeps it. */
function brought() {
  const found = new URLSearchParams(location.hash.slice(1)).get("key");
  if (!found) return key.focus();
  history.replaceState(null, "", location.pathname + location.search);
  key.value = found;
  setText(document.querySelector("#hint"), "The key came with the code that you scanned. This browser is then logged in for the day.");
  enter.focus();
}

if (new URLSearchParams(location.search).has("undone")) {
  setText(document.querySelector("#hint"), "Your session has ended, so what you just did was not done. Log in, and do it again.");
}
brought();
