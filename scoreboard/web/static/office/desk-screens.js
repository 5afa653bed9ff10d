/** Displays at the desk: what each shows, and deciding it. */

import {isGame} from "../board/document.js";
import {ask, under, wordsOf} from "../shell/ask.js";
import {span} from "../shell/connection.js";
import {element, reconcile, setText} from "../shell/dom.js";

const PATH = "/api/v1/displays";
const $ = (id) => document.getElementById(id);

/** What can be chosen: word, which fields it needs, and what it becomes. */
const KINDS = {
  standings: ["Standings", ["competition"], ({slug}) => pages([`/c/${slug}?view=standings&fit=pages`])],
  live: ["Whole competition", ["competition"], ({slug}) => pages([`/c/${slug}?fit=pages`])],
  contest: ["One contest", ["competition", "contest"], ({slug, contest}) => pages([`/c/${slug}/contests/${contest}`])],
  pages: ["Pages in turn", ["pages"], ({lines, every}) => ({kind: "pages", pages: lines, every_s: every})],
  message: ["A message", ["message"], ({title, text}) => ({kind: "message", title, text})],
  blank: ["Nothing (black)", [], () => ({kind: "blank"})],
};
const FIELDS = ["competition", "contest", "message", "pages"];

function pages(paths) {
  return {kind: "pages", pages: paths};
}

/** What a display shows, in words. */
function inWords(showing) {
  if (!showing) return "Nothing assigned yet";
  const {kind = "blank", title = "", text = "", pages: paths = []} = showing;
  if (kind === "blank") return "Shows nothing (black)";
  if (kind === "message") return `Says “${[title, text].filter(Boolean).join(": ")}”`;
  return `Shows ${paths.length > 1 ? `${paths.length} pages in turn: ` : ""}${paths.join(", ")}`;
}

export class Screens {
  constructor() {
    this.competitions = [];
    this.changed = () => {};
    this.name = "";
    for (const [kind, [word]] of Object.entries(KINDS)) $("kind").append(new Option(word, kind));
    $("kind").addEventListener("change", () => this.fields());
    $("competition").addEventListener("change", () => this.contests());
    $("form").addEventListener("submit", (event) => this.submit(event));
    $("add").addEventListener("submit", (event) => {
      event.preventDefault();
      this.open($("screen").value.trim().toLowerCase());
      $("screen").value = "";
    });
    $("identify-all").addEventListener("click", () => this.act("identify"));
    $("reload-all").addEventListener("click", () => this.act("reload"));
    addEventListener("keydown", (event) => {
      const typing = event.target.closest?.("input, textarea, select, dialog");
      if (event.key.toLowerCase() === "i" && !typing && !event.ctrlKey && !event.metaKey) this.act("identify");
    });
  }

  show(displays, competitions) {
    this.competitions = competitions;
    $("choose").disabled = false; // before, there would be nothing to choose from
    reconcile($("screens"), displays.map((one) => [one.name, one]), (name) => this.create(name), fill);
  }

  /** Displays that need somebody. */
  calls(displays) {
    return displays.flatMap((one) => {
      if (!one.assigned) return [[`Display ${one.name} waits to be told what to show`, "#displays"]];
      return one.online || one.seen_s === undefined ? [] : [[`Display ${one.name} is offline`, "#displays"]];
    });
  }

  create(name) {
    const item = element("li", "screen");
    const head = element("p", "head");
    item.there = element("span", "there");
    head.append(element("span", "called", name), item.there);
    item.shows = element("p", "shows");
    item.from = element("p", "from");
    const buttons = element("div", "row");
    const change = element("button", "", "Change");
    const identify = element("button", "", "Show name");
    const forget = element("button", "danger", "Forget");
    for (const button of [change, identify, forget]) {
      button.type = "button";
      button.setAttribute("aria-label", `${button.textContent} ${name}`);
    }
    change.addEventListener("click", () => this.open(name));
    identify.addEventListener("click", () => this.act("identify", [name]));
    forget.addEventListener("click", () => this.tell(() => ask(`${PATH}/${name}`, {method: "DELETE"})));
    item.identify = identify;
    item.forget = forget;
    buttons.append(change, identify, forget);
    item.append(head, item.shows, item.from, buttons);
    return item;
  }

  open(name) {
    this.name = name;
    setText($("assign-head"), `What ${name} shows`);
    const slugs = this.competitions.map((one) => new Option(one.name ?? one.slug, one.slug));
    $("competition").replaceChildren(...slugs);
    setText($("wrong"), "");
    this.fields();
    this.contests();
    $("assign").showModal();
  }

  fields() {
    const [, needed] = KINDS[$("kind").value];
    for (const field of FIELDS) $(`of-${field}`).hidden = !needed.includes(field);
  }

  async contests() {
    const slug = $("competition").value;
    if (!slug) return;
    const has = !isGame(this.competitions.find((one) => one.slug === slug));
    const {content} = has ? await ask(under(slug, "boards", "contests")).catch(() => ({content: {}})) : {content: {}};
    const found = Object.entries(content.rows ?? {}).map(([id, row]) => {
      const sides = (row.entrants ?? []).map((entrant) => entrant.name ?? entrant.id).join(" – ");
      return new Option(row.name || sides || id, id);
    });
    $("contest").replaceChildren(...found);
  }

  async submit(event) {
    if (event.submitter?.value !== "show") return;
    event.preventDefault();
    const chosen = KINDS[$("kind").value][2]({
      slug: encodeURIComponent($("competition").value),
      contest: encodeURIComponent($("contest").value),
      title: $("headline").value.trim(),
      text: $("words").value.trim(),
      lines: $("pages").value.split("\n").map((line) => line.trim()).filter(Boolean),
      every: Number($("every").value),
    });
    try {
      await ask(`${PATH}/${encodeURIComponent(this.name)}`, {method: "PUT", body: chosen});
      $("assign").close();
      this.changed();
    } catch (error) {
      setText($("wrong"), wordsOf(error));
    }
  }

  act(act, names = []) {
    return this.tell(() => ask(`${PATH}/acts`, {method: "POST", body: {act, names}}));
  }

  async tell(saying) {
    try {
      await saying();
      setText($("said"), "");
    } catch (error) {
      setText($("said"), wordsOf(error));
    }
    this.changed();
  }
}

function fill(item, one) {
  const state = !one.assigned ? "waiting" : one.online ? "online" : "offline";
  item.dataset.state = state;
  const away = one.seen_s === undefined ? "not seen yet" : `silent for ${span(one.seen_s * 1000)}`;
  setText(item.there, {waiting: "▲ waits", online: "● there", offline: `○ ${away}`}[state]);
  setText(item.shows, `${inWords(one.showing)}${one.behind ? " (not yet)" : ""}`);
  setText(item.from, [one.window, one.address].filter(Boolean).join(" · "));
  item.identify.disabled = item.forget.disabled = !one.assigned;
}
