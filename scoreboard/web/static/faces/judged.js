/** A judged segment: totals, and for one performance at a time every mark of every judge. */

import {element, reconcile, setText} from "../shell/dom.js";
import {words} from "../board/document.js";
import {part, table} from "./face.js";

export const wide = true;

export function show(host, shown) {
  const {row: {box = {}}, names, hrefs} = shown;
  const ranked = Object.entries(box.performances ?? {})
    .sort(([a, x], [b, y]) => (x.rank ?? 999) - (y.rank ?? 999) || (a < b ? -1 : 1));
  const has = (key) => ranked.some(([, one]) => one[key]);
  table(host, "totals", {
    caption: "Results",
    columns: [
      {key: "rank", label: "#", title: "Rank"},
      {key: "total", label: "Total", main: true},
      ...[["elements_score", "Elements"], ["components_score", "Components"], ["deducted", "Deductions"]]
        .filter(([key]) => has("components_score") || (key === "deducted" && has(key)))
        .map(([key, label]) => ({key, label})),
    ],
    rows: ranked.map(([id, one]) => [id, {
      name: names.get(id) ?? id,
      href: hrefs(id),
      note: one.retired ? "no result" : one.marks_missing ? "marks missing" : one.state === "judged" ? "not released" : "",
      cells: {...one, rank: one.rank ?? "–"},
    }]),
  });
  const choice = part(host, "choice", () => chooser(() => marks(host)));
  const marked = ranked.filter(([, one]) => !one.retired);
  choice.hidden = !marked.length;
  reconcile(choice.select, marked.map(([id]) => [id, id]), (id) => {
    const option = element("option");
    option.value = id;
    return option;
  }, (option, id) => setText(option, names.get(id) ?? id));
  host.performances = Object.fromEntries(marked);
  host.names = names;
  marks(host);
}

function chooser(chosen) {
  const choice = element("p", "choice");
  choice.select = element("select");
  choice.select.addEventListener("change", chosen);
  const label = element("label", "", "Marks of ");
  label.append(choice.select);
  choice.append(label);
  return choice;
}

function marks(host) {
  const id = host.parts.get("choice").select.value;
  const one = host.performances[id] ?? {};
  const who = host.names.get(id) ?? id;
  const panel = (name, caption, rows, columns, cells) => {
    const judges = [...new Set(Object.values(rows ?? {}).flatMap((row) => Object.keys(row.marks ?? {})))].sort();
    table(host, name, {
      caption,
      corner: name === "elements" ? "Element" : "Component",
      columns: [...columns, ...judges.map((judge) => ({key: judge, label: judge, title: `Judge ${judge}`}))],
      rows: Object.entries(rows ?? {})
        .sort(([a], [b]) => Number(a) - Number(b) || (a < b ? -1 : 1))
        .map(([key, row]) => [key, {name: row.code ? `${key} ${row.code}` : words(key.replaceAll("-", " ")), cells: {...cells(row), ...row.marks}}]),
    });
  };
  panel("elements", `Elements of ${who}`, one.elements,
    [{key: "points", label: "Points", main: true}, {key: "base", label: "Base", title: "Base value"}],
    ({points, base}) => ({points, base}));
  panel("components", `Components of ${who}`, one.components,
    [{key: "points", label: "Points", main: true}, {key: "panel", label: "Panel", title: "Mean of the panel"}, {key: "factor", label: "Factor"}],
    ({points, panel: mean, factor}) => ({points, panel: mean, factor}));
}
