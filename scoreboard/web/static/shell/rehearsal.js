/** On each page of a rehearsal: leave it once the rehearsal is over, whatever the page's own script does. */

const LOOK_EVERY_MS = 2_000;

/** The server has another page at this address by then. */
async function look() {
  try {
    const {status} = await fetch(location.pathname, {cache: "no-cache"});
    if (status === 404) return location.reload();
  } catch {
    // not reached: nobody knows
  }
  setTimeout(look, LOOK_EVERY_MS);
}

setTimeout(look, LOOK_EVERY_MS);
