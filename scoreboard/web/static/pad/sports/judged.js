/** Judged performances at the technical desk: calls, deductions, release. Judges have their own view. */

import {chosen, ofType} from "./common.js";

export default {
  positions: ["technical caller", "scorer"],
  groups(view) {
    const who = chosen(view);
    const row = who && view.box.performances?.[who.id];
    const own = ofType(view, "judged.element").filter(({entrant}) => entrant === who?.id).map(({element}) => element);
    const element = Math.max(0, ...Object.keys(row?.elements ?? {}).map(Number), ...own) + 1;
    const of = {entrant: who?.id};
    const scales = Object.keys(view.params.scales ?? {});
    const scale = scales.length ? [{title: "Scale", choices: [...scales.slice(0, 20).map((id) => ({label: id, data: {scale: id}})), {label: "None", data: {}}]}] : [];
    const one = (id, label, key, type, data, effect, more = {}) => ({id, label, key, type: `judged.${type}`, data, effect, disabled: !who, ...more});
    const points = (name, title) => ({title, number: name, scale: 1000, max: 1_000_000});
    return [
      {id: "who", wide: true, picker: "entrant", among: view.entrants},
      {
        id: "desk", title: who ? who.name : "Choose who performs", wide: true,
        actions: [
          one("element", `Element ${element}`, "e", "element", {...of, element}, ({code}) => `element ${element} ${code} ${who?.name}`, {main: true, steps: [{title: "Code", text: "code"}, points("base", "Base value or difficulty"), ...scale]}),
          one("deduction", "Deduction", "d", "deduction", of, (data) => `deduction ${data.points / 1000} ${who?.name}`, {steps: [points("points", "Points"), {title: "Reason", text: "reason", optional: true}]}),
          one("released", "Release the result", "r", "released", of, `result ${who?.name}`),
          one("retired", "Retired", "x", "retired", of, `${who?.name} retired`, {steps: [{title: "Reason", text: "reason", optional: true}]}),
        ],
      },
    ];
  },
  totals(view) {
    const who = chosen(view);
    const row = who && view.box.performances?.[who.id];
    return who ? [{id: who.id, name: who.name, board: row?.total ?? "", own: `${view.said.length} said`}] : [];
  },
};
