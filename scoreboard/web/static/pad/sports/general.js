/** A sport without a pad of its own: its types of events, each field asked for in turn. */

import {words} from "../../board/document.js";

const WHO = ["entrant", "team", "winner", "side"];
const FEW = 12;

/** How a field is asked for, by its JSON Schema; nothing for what a pad cannot ask. */
function stepOf(name, schema, needed, entrants) {
  const title = name.replaceAll("_", " ");
  const leave = needed ? [] : [{label: "Leave out", data: {}}];
  const one = schema.anyOf?.find(({type}) => type !== "null") ?? schema;
  if (WHO.includes(name)) {
    if (entrants.length > FEW) return needed ? {title, find: name, among: entrants} : null;
    return {title, choices: [...entrants.map(({id, name: label}) => ({label, data: {[name]: id}})), ...leave]};
  }
  if (one.enum) return {title, choices: [...one.enum.map((value) => ({label: String(value) || "none", data: {[name]: value}})), ...leave]};
  if (one.type === "boolean") return {title, choices: [{label: "Yes", data: {[name]: true}}, {label: "No", data: {[name]: false}}, ...leave]};
  if (!needed) return one.type === "string" ? {title, text: name, optional: true} : null;
  if (one.type === "integer" || one.type === "number") return {title, number: name, min: one.minimum ?? -1e9, max: one.maximum ?? 1e9};
  return one.type === "string" ? {title, text: name} : undefined;
}

/** The button of a type; nothing where a pad cannot ask for all of it. */
function actionOf([type, schema], n, entrants) {
  const label = words(type.split(".").at(-1));
  const fields = Object.entries(schema.properties ?? {});
  const steps = fields.map(([name, field]) => stepOf(name, field, schema.required?.includes(name), entrants));
  if (steps.includes(undefined)) return null;
  return {
    id: type,
    label,
    key: n < 9 ? String(n + 1) : "",
    type,
    data: {},
    steps: steps.filter(Boolean),
    effect: (data) => [label.toLowerCase(), ...Object.values(data)].join(" "),
  };
}

export default {
  groups({kinds, entrants}) {
    return [{id: "events", title: "What happened", wide: true, actions: Object.entries(kinds).map((one, n) => actionOf(one, n, entrants)).filter(Boolean)}];
  },
  totals: ({said}) => [{id: "said", name: "Said here", board: said.length}],
};
