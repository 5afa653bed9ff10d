/**
 * Asking the server: JSON in and out, refusals as errors with words for people (RFC 9457).
 *
 * The session is a cookie that scripts do not see. Whoever has none, or whose session ended, is sent
 * to the login and comes back afterwards.
 */

const TIMEOUT_MS = 15_000;

/** What the server refused, or that it was not reached (`status` 0); `pointer`: the field, if it is one. */
export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail ?? problem.title ?? "The server did not answer.");
    this.name = "Refused";
    this.status = status;
    this.problem = problem;
    this.pointer = problem.pointer ?? "";
    this.hint = problem.hint ?? "";
  }
}

/** The answer's JSON (null if it has none). `text`: a body that is sent as it is. Throws Refused. */
export async function ask(path, {method = "GET", body, text, headers = {}, login = true} = {}) {
  const asked = {method, headers: {Accept: "application/json", ...headers}, signal: AbortSignal.timeout(TIMEOUT_MS)};
  if (method === "GET") asked.cache = "no-cache";
  if (text !== undefined) asked.body = text;
  if (body !== undefined) {
    asked.body = JSON.stringify(body);
    asked.headers["Content-Type"] ??= "application/json";
  }
  let answer;
  try {
    answer = await fetch(path, asked);
  } catch {
    throw new Refused(0, {detail: "The server cannot be reached.", hint: "Look at the network; what you typed is still here."});
  }
  if (answer.ok) return answer.headers.get("content-type")?.includes("json") ? answer.json() : null;
  if (answer.status === 401 && login) toLogin(method !== "GET");
  throw new Refused(answer.status, await answer.json().catch(() => ({})));
}

/** A sentence from what the server said: first letter large, a full stop. */
export function sentence(text) {
  return text ? text.charAt(0).toUpperCase() + text.slice(1).replace(/([^.!?])$/, "$1.") : "";
}

/** What a refusal says and advises, as sentences for people. */
export function wordsOf({message, hint}) {
  return [message, hint].map(sentence).filter(Boolean).join(" ");
}

/** The address of a competition's part: `under("cup", "records", "pad/1")`. Slashes stay as they are. */
export function under(competition, ...parts) {
  const safe = [competition, ...parts].map((part) => String(part).split("/").map(encodeURIComponent).join("/"));
  return `/api/v1/competitions/${safe.join("/")}`;
}

/** Go to the login; it leads back here. `undone`: what was just to be done was refused, which it says. */
export function toLogin(undone = false) {
  location.assign(`/login?back=${encodeURIComponent(location.pathname + location.search)}${undone ? "&undone" : ""}`);
}

/** The BroadcastChannel of the pages of this program; the number grows when what is said there changes. */
export const PAGES = "scoreboard-1";

/** Tell the pages that are open that who we are has changed, so that they follow their boards anew. */
export function tellWhoChanged() {
  new BroadcastChannel(PAGES).postMessage({kind: "anew"});
}
