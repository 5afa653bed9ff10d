/**
 * A judge's marks. One's own are seen at once, the panel's all together when the last is in: the server
 * tells no device before.
 */

const MILLI = 1000;
const PANEL = 9;

function judgeOf(view) {
  return view.position.replace(/^judge /, "");
}

/** Who performs: chosen, or the first whose result is not released. */
function performer(view) {
  const rows = view.box.performances ?? {};
  const open = ({id}) => !rows[id]?.retired && rows[id]?.state !== "released";
  return view.entrants.find(({id}) => id === view.local.entrant) ?? view.entrants.find(open);
}

function ownMark(view, who, part) {
  const judge = judgeOf(view);
  return view.said.filter(({event: {type, data}}) => type === "judged.mark" && data.entrant === who.id && data.judge === judge
    && data.element === part.element && data.component === part.component).at(-1);
}

const written = (mark) => String(mark / MILLI);

/** What is to be marked: called elements, then components. */
function parts(view, row) {
  const elements = Object.entries(row.elements ?? {}).map(([number, {code, marks}]) => ({id: number, element: Number(number), label: `${number} ${code}`, marks}));
  const components = Object.keys(view.params.factors ?? {}).map((name) => ({id: name, component: name, label: name, marks: row.components?.[name]?.marks}));
  return [...elements, ...components];
}

function steps(view, part) {
  const {params} = view;
  const scale = Object.values(params.scales ?? {})[0];
  if (part.element !== undefined && scale) {
    const first = params.grade_min ?? -3;
    return [{title: part.label, choices: scale.map((_, n) => ({label: `${first + n > 0 ? "+" : ""}${first + n}`, key: "", data: {mark: (first + n) * MILLI}}))}];
  }
  const least = part.element === undefined ? params.component_min ?? 0 : 0;
  const most = part.element === undefined ? params.component_max ?? 10_000 : 100_000;
  return [{title: part.label, number: "mark", scale: MILLI, min: least, max: most}];
}

function mark(view, who, part, n, row) {
  const mine = ownMark(view, who, part);
  const all = Object.keys(part.marks ?? {}).length;
  const others = row.marks_in?.[part.id] ?? all;
  const {element, component} = part;
  const of = {entrant: who.id, judge: judgeOf(view), ...(element === undefined ? {component} : {element})};
  return {
    id: `part-${part.id}`,
    label: part.label,
    sub: `${mine ? `yours ${written(mine.event.data.mark)}` : "no mark yet"} · ${others} of ${view.params.judges ?? PANEL} in`,
    key: n < 9 ? String(n + 1) : "",
    main: !mine,
    disabled: row.state === "released",
    steps: steps(view, part),
    effect: (data) => `${written(data.mark)} ${part.label} ${who.name}`,
    make: (data) => [...(mine ? [{undo: mine}] : []), {type: "judged.mark", data: {...of, mark: data.mark}}],
  };
}

export default {
  fixedOf: ({params}) => Array.from({length: params.judges || PANEL}, (_, n) => `judge J${n + 1}`),
  heading: (view) => performer(view)?.name ?? "Nobody performs",
  groups(view) {
    const who = performer(view);
    const row = view.box.performances?.[who?.id] ?? {};
    const marks = who ? parts(view, row).map((part, n) => mark(view, who, part, n, row)) : [];
    return [
      {id: "parts", title: marks.length ? "Your marks" : "Nothing is called yet", wide: true, actions: marks},
      {id: "who", title: "Another performance", wide: true, picker: "entrant", among: view.entrants},
    ];
  },
  totals(view) {
    const who = performer(view);
    const row = view.box.performances?.[who?.id];
    return who ? [{id: who.id, name: who.name, board: row?.total ?? "", own: `${view.said.length} marks`}] : [];
  },
  /** The panel's marks of each part that is through. */
  lights(view) {
    const who = performer(view);
    const row = view.box.performances?.[who?.id] ?? {};
    const through = who ? parts(view, row).filter(({marks}) => marks && Object.keys(marks).length) : [];
    const shown = through.map(({id, label, marks}) => ({id, name: label, state: "good", words: Object.entries(marks).map(([judge, one]) => `${judge} ${one}`).join(" · "), reason: ""}));
    return {shown, word: row.marks_missing ? "Marks are hidden until the panel is through" : "", who: who?.name ?? ""};
  },
};
