/** A plain table of rows, made anew each time: for lists that people read and that do not tick. */

import {element} from "../shell/dom.js";

/** `rows`: arrays of cells, each a text or an element; `caption` names the table for readers. */
export function table(caption, columns, rows) {
  const made = element("table", "list");
  made.append(element("caption", "unseen", caption));
  const head = made.createTHead().insertRow();
  for (const name of columns) {
    const cell = element("th", "", name);
    cell.scope = "col";
    head.append(cell);
  }
  const body = made.createTBody();
  for (const cells of rows) {
    const row = body.insertRow();
    cells.forEach((one, at) => {
      const cell = row.insertCell();
      cell.dataset.column = columns[at];
      cell.append(one);
    });
  }
  return made;
}
