/** Devices at the desk: grey when they are silent, a word when a clock or a battery needs somebody. */

import {span} from "../shell/connection.js";
import {element, reconcile, setText} from "../shell/dom.js";

const SKEW_S = 2;
const BATTERY_LOW = 0.2;
const COLUMNS = ["Device", "Seen", "Contest", "Clock", "Battery", "Unsent"];

export function showDevices(body, devices) {
  reconcile(body, devices.filter(isDevice).map((one) => [`${one.source}\n${one.actor}`, one]), () => {
    const row = element("tr");
    row.columns = COLUMNS.map((label, n) => {
      const cell = element(n ? "td" : "th");
      if (n) cell.dataset.label = label;
      else cell.scope = "row";
      row.append(cell);
      return cell;
    });
    return row;
  }, fill);
}

/** Officials' pages speak, too; they are devices only where they score. */
function isDevice({actor, unsent}) {
  return actor.startsWith("device:") || unsent !== undefined;
}

function fill(row, one) {
  const [device, seen, contest, clock, battery, unsent] = row.columns;
  row.classList.toggle("offline", !one.online);
  setText(device, one.note ? `${one.note} (${one.source})` : one.source);
  device.title = `${one.actor}, ${one.address ?? ""}`;
  setText(seen, one.online ? `● ${span(one.seen_s * 1000)} ago` : `○ silent for ${span(one.seen_s * 1000)}`);
  setText(contest, [one.competition, one.contest].filter(Boolean).join(" · "));
  setText(clock, one.skew_s === undefined ? "" : isSkewed(one) ? `▲ ${ahead(one.skew_s)}` : "right");
  clock.classList.toggle("warns", isSkewed(one));
  setText(battery, one.battery === undefined ? "" : `${isLow(one) ? "▲ " : ""}${Math.round(one.battery * 100)} %`);
  battery.classList.toggle("warns", isLow(one));
  setText(unsent, one.unsent === undefined ? "" : String(one.unsent));
  unsent.classList.toggle("warns", one.unsent > 0);
}

function isSkewed(one) {
  return Math.abs(one.skew_s ?? 0) > SKEW_S;
}

function isLow(one) {
  return one.battery !== undefined && one.battery < BATTERY_LOW;
}

function ahead(skew) {
  return `${span(Math.abs(skew) * 1000)} ${skew > 0 ? "slow" : "fast"}`;
}

/** Devices that need somebody: `[[words, ""], ...]`. */
export function troubledDevices(devices) {
  return devices.filter((one) => one.online).flatMap((one) => [
    ...(isLow(one) ? [[`${one.source}: battery at ${Math.round(one.battery * 100)} %`, ""]] : []),
    ...(isSkewed(one) ? [[`${one.source}: its clock is ${ahead(one.skew_s)}`, ""]] : []),
  ]);
}
