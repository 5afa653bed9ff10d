/** The page of one contest: the face of its sport, and what happened. */

import "./time-machine.js";
import "./timeline.js";
import "./why.js";
import {faceOf} from "../faces/face.js";
import {ask, under} from "../shell/ask.js";
import {planned} from "../shell/connection.js";
import {setText} from "../shell/dom.js";
import {nameOf, statusOf} from "./document.js";
import {Feed} from "./feed.js";
import {Following} from "./following.js";
import {about, api, definition, entrantHref, home, onKey, showFinal, showTitle, slug, watch} from "./page.js";

const BOX = `box:${about}`;
const TIMELINE = `timeline:${about}`;
const page = {
  main: document.querySelector("main"),
  home: document.querySelector("#home"),
  homeName: document.querySelector("#home-name"),
  message: document.querySelector("#message"),
  status: document.querySelector("#status"),
  facts: document.querySelector("#facts"),
  face: document.querySelector("#face"),
  timeline: document.querySelector("timeline-list"),
  lookBack: document.querySelector("#look-back"),
  machine: document.querySelector("time-machine"),
  why: document.querySelector("why-panel"),
};

async function begin() {
  page.home.href = home;
  showTitle(about);
  let first;
  try {
    first = await ask(under(slug, "boards", BOX), {login: false});
  } catch (refused) {
    setText(page.message, refused.status === 404 ? "There is no such contest here." : refused.message);
    if (refused.status !== 404) setTimeout(begin, 5_000);
    return;
  }
  const defined = await definition();
  const face = await faceOf(defined?.sport ?? "");
  page.main.dataset.wide = face.wide ? "yes" : "no";
  const names = new Map((defined?.entrants ?? []).map(({id, name}) => [id, name]));
  setText(page.homeName, defined?.name ?? "Competition");
  // A contest that ranks a field has no timeline.
  const feed = new Feed(api, "box" in first.content ? [BOX, TIMELINE] : [BOX]);
  const following = new Following(feed);
  following.addEventListener("shown", ({detail}) => {
    if (detail === TIMELINE) page.timeline.show(following.get(TIMELINE).content, names);
    show(face, following, names, defined);
    page.why.refresh();
  });
  page.face.addEventListener("why", ({detail}) => page.why.open({...detail, board: BOX, at: () => following.at, nameOf: () => document.querySelector("#name").textContent}));
  page.machine.connect(following, api, page.lookBack);
  onKey("t", () => page.lookBack.click());
  watch(following, (text) => setText(page.message, text));
}

function show(face, following, names, defined) {
  const row = following.get(BOX)?.content;
  if (!row) return;
  for (const {id, name} of row.entrants ?? []) names.set(id, name);
  setText(page.message, "");
  page.message.hidden = true;
  const title = nameOf(about, row);
  showTitle(title, ...(defined ? [defined.name] : []));
  document.body.dataset.status = row.status;
  page.status.hidden = row.status === "finished"; // which the other sign says
  setText(page.status, statusOf(row));
  showFinal(Boolean(row.final));
  setText(page.facts, [row.start && planned(new Date(row.start)), row.round, row.place].filter(Boolean).join(" · "));
  face.show(page.face, {row, timeline: following.get(TIMELINE)?.content ?? null, names, hrefs: entrantHref});
}

begin();
