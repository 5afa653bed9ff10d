/** A programming contest judged by hand: a team's try at a problem, and the verdict. */

import {chance} from "../store.js";
import {serverTime} from "../../shell/clock.js";
import {chosen, ofType} from "./common.js";

const VERDICTS = {AC: "Accepted", WA: "Wrong answer", TLE: "Too slow", RTE: "Crashed", CE: "Does not compile"};

function elapsed(view) {
  const own = view.said.find(({event}) => event.type === "problems.started");
  const began = view.contest.start ? Date.parse(view.contest.start) : own?.at;
  return began ? Math.max(0, Math.round(serverTime.now() - began)) : 0;
}

export default {
  positions: ["judge", "scorer"],
  heading: (view) => view.line.state ?? "",
  groups(view) {
    const who = chosen(view);
    const problems = view.params.problems ?? [];
    const problem = problems.find(({id}) => id === view.local.problem);
    const verdict = ([code, label], n) => ({
      id: code, label, sub: code, key: String(n + 1), main: code === "AC", tone: code === "AC" ? "good" : "", disabled: !who || !problem,
      data: () => ({at: elapsed(view)}), effect: `${code} ${problem?.label} ${who?.name}`,
      make: ({at}) => {
        const of = {entrant: who.id, problem: problem.id, submission: `s-${chance()}`, submitted_ms: at};
        return [{type: "problems.submitted", data: of}, {type: "problems.judged", data: {...of, judgement: `j-${chance()}`, started_ms: at, verdict: code}}];
      },
    });
    const clock = (id, label, key, effect) => ({id, label, key, type: `problems.${id}`, data: {}, effect});
    return [
      {id: "who", title: "Team", wide: true, picker: "entrant", among: view.entrants},
      {id: "problem", title: "Problem", wide: true, picker: "problem", among: problems.map(({id, label, name}) => ({id, name: [label, name].filter(Boolean).join(" ")}))},
      {id: "verdict", title: who && problem ? `${who.name}, ${problem.label}` : "Choose a team and a problem", wide: true, actions: Object.entries(VERDICTS).map(verdict)},
      {id: "contest", wide: true, actions: [clock("started", "Contest begins", "b", "contest begins"), clock("ended", "Contest ends", "n", "contest ends"), clock("finalized", "Final", "m", "results final")]},
    ];
  },
  totals(view) {
    const who = chosen(view);
    const row = who && view.box.teams?.[who.id];
    const own = ofType(view, "problems.judged").filter(({entrant, verdict}) => entrant === who?.id && verdict === "AC").length;
    return who ? [{id: who.id, name: who.name, board: row?.solved ?? "", own}] : [];
  },
};
