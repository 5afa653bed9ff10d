/**
 * Starts the service worker where the page is secure. When a newer program's worker takes over, the
 * page loads anew, as soon as nobody is writing in it.
 */

const LOOK_MS = 10 * 60_000;
const TICK_MS = 1_000;

/** Whether a reload would take nothing away from anybody. */
function isCalm() {
  const fields = [...document.querySelectorAll("input, textarea")].filter(({type}) => type !== "checkbox" && type !== "radio");
  return !document.querySelector("dialog[open]") && fields.every((field) => field.readOnly || field.value === field.defaultValue);
}

function reloadWhenCalm() {
  if (isCalm()) location.reload();
  else setTimeout(reloadWhenCalm, TICK_MS);
}

async function start() {
  const workers = navigator.serviceWorker;
  const isUpdate = Boolean(workers.controller);
  workers.addEventListener("controllerchange", () => isUpdate && reloadWhenCalm(), {once: true});
  try {
    const registration = await workers.register("/sw.js", {updateViaCache: "none"});
    setInterval(() => registration.update().catch(() => {}), LOOK_MS);
  } catch {
    // no worker: the page works as it does on plain HTTP
  }
}

if (isSecureContext && navigator.serviceWorker) addEventListener("load", start);
