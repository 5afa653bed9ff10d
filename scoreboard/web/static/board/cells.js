/**
 * Figures that can be asked for: tables as a grid with one stop of the Tab key, arrows within it, Enter
 * (or a tap) to ask (ARIA Authoring Practices, grid).
 */

const STEP = {ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0], Home: [0, -Infinity], End: [0, Infinity]};

/** Make the `td.figure` in `board` askable; `asked(cell)` is called for the one that is asked for. */
export function askable(board, asked) {
  board.addEventListener("click", (event) => {
    const cell = event.target.closest("td.figure");
    if (!cell || event.target.closest("a")) return;
    stopAt(board, cell);
    asked(cell);
  });
  board.addEventListener("keydown", (event) => {
    const cell = event.target.closest("td.figure");
    if (!cell) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      asked(cell);
    } else if (event.key in STEP) {
      event.preventDefault();
      stopAt(board, neighbour(board, cell, ...STEP[event.key])).focus();
    }
  });
}

/** Keep one stop for the Tab key, whatever came and went. */
export function keepStop(board) {
  if (board.querySelector("td.figure[tabindex='0']")) return;
  const first = board.querySelector("td.figure");
  if (first) first.tabIndex = 0;
}

function stopAt(board, cell) {
  for (const other of board.querySelectorAll("td.figure[tabindex='0']")) other.tabIndex = -1;
  cell.tabIndex = 0;
  return cell;
}

function neighbour(board, cell, down, right) {
  const rows = [...board.querySelectorAll("tbody tr")];
  const cells = (row) => [...row.querySelectorAll("td.figure")].filter((one) => one.offsetParent);
  const own = cells(cell.parentElement);
  const row = rows[Math.max(0, Math.min(rows.length - 1, rows.indexOf(cell.parentElement) + down))];
  const all = down ? cells(row) : own;
  return all[Math.max(0, Math.min(all.length - 1, own.indexOf(cell) + right))] ?? cell;
}
