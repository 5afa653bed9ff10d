/** The page of an overlay: a stage as large as the window, told by the address what to show. */

import {asked} from "./stage.js";

const slug = decodeURIComponent(location.pathname.split("/")[2] ?? "");
document.title = `${slug} · Overlay`;
document.querySelector("overlay-stage").follow(slug, asked(new URLSearchParams(location.search)));
