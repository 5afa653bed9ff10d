/** Tells the operator's desk now and then that this device is there: battery, clock, what is unsent. */

import {ask} from "../shell/ask.js";

const EVERY_MS = 20_000;

/** `note()`: what people call the device; `unsent()`: how many events wait on it now. */
export function beatOften({source, competition, contest, note, unsent}) {
  const beat = async () => {
    const body = {
      source, competition, contest,
      note: note(),
      senttime: new Date().toISOString(),
      unsent: unsent(),
      battery: await batteryLevel(),
    };
    // A beat that is lost is not missed: the next one says the same.
    await ask("/api/v1/devices/heartbeat", {method: "POST", body, login: false}).catch(() => {});
  };
  beat();
  setInterval(beat, EVERY_MS);
}

/** From 0 to 1; undefined where the browser does not tell (everywhere but Chromium, securely). */
async function batteryLevel() {
  try {
    return (await navigator.getBattery()).level;
  } catch {
    return undefined;
  }
}
