/**
 * Who is logged in, for the head of the office's pages: `<who-am-i>` with name, role, the way out, and
 * the other pages. Whoever is not logged in is sent to the login.
 *
 * `competition` (an attribute, or set later) makes the links lead to that competition's pages.
 */

import {ask, tellWhoChanged} from "./ask.js";
import {element, setText} from "./dom.js";

const CURRENT = "/api/v1/sessions/current";
/** Word, address, address within a competition, the least role, and whether a key of one competition may. */
const PLACES = [
  ["Desk", "/desk", null, "official", false],
  ["Pads", "/pad", null, "device"],
  ["Log", "/log", (slug) => `/c/${slug}/log`, "official"],
  ["Rulings", "/rulings", (slug) => `/c/${slug}/rulings`, "official"],
  ["Corrections", null, (slug) => `/c/${slug}/corrections`, "official"],
  ["Audit", "/audit", null, "official"],
  ["Keys", "/keys", null, "device"],
  ["Set up", "/setup", (slug) => `/setup/${slug}`, "admin"],
];
const RANK = ["device", "official", "admin"];

export class WhoAmI extends HTMLElement {
  static observedAttributes = ["competition"];

  connectedCallback() {
    if (this.links) return;
    this.links = element("nav", "places");
    this.links.setAttribute("aria-label", "Pages");
    this.person = element("span", "name");
    this.rank = element("span", "role");
    this.out = element("button", "out", "Log out");
    this.out.type = "button";
    this.out.hidden = true;
    this.out.addEventListener("click", () => this.leave());
    const person = element("p", "person");
    person.append(this.person, this.rank);
    this.append(person, this.out, this.links);
    this.known = this.look();
  }

  attributeChangedCallback() {
    if (this.who) this.link();
  }

  /** Who it is: `{name, role, key, competition?, session?}`; also as the promise `known`. */
  async look() {
    this.who = await ask(CURRENT);
    setText(this.person, this.who.name);
    setText(this.rank, this.who.competition ? `${this.who.role} of ${this.who.competition}` : this.who.role);
    this.out.hidden = !this.who.session;
    this.link();
    return this.who;
  }

  /** Whether the role reaches so far. */
  reaches(role) {
    return RANK.indexOf(this.who?.role) >= RANK.indexOf(role);
  }

  link() {
    const slug = this.getAttribute("competition") || this.who.competition;
    const reached = PLACES.filter(([, all, , role, bound = true]) => (all || slug) && this.reaches(role) && (bound || !this.who.competition));
    const places = reached.map(([word, all, within]) => {
      const link = element("a", "", word);
      link.href = slug && within ? within(encodeURIComponent(slug)) : all;
      const here = [all, slug && within?.(encodeURIComponent(slug))].includes(location.pathname);
      if (here) link.setAttribute("aria-current", "page");
      return link;
    });
    this.links.replaceChildren(...places);
  }

  async leave() {
    this.out.disabled = true;
    await ask(CURRENT, {method: "DELETE", login: false}).catch(() => {});
    tellWhoChanged();
    location.assign("/login");
  }
}

customElements.define("who-am-i", WhoAmI);
