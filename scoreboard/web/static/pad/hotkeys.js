/** Single keys bound to the buttons that they are printed on; inactive while somebody types. */

const TYPING = "input, select, textarea, [contenteditable]";

export class Hotkeys {
  /** `root`: where the buttons with `data-hotkey` are. */
  constructor(root) {
    this.root = root;
    addEventListener("keydown", (event) => this.pressed(event));
  }

  pressed(event) {
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest?.(TYPING)) return;
    if (event.key === "/") return this.find(event);
    const open = document.querySelector("dialog[open]");
    const key = CSS.escape(event.key.toLowerCase());
    const button = (open ?? this.root).querySelector(`button[data-hotkey="${key}"]:not(:disabled)`);
    if (!button || button.closest("[hidden]")) return;
    event.preventDefault();
    button.click();
  }

  /** A slash leads to the field that finds, if there is one. */
  find(event) {
    const field = this.root.querySelector("input[type=search]:not([hidden])");
    if (!field) return;
    event.preventDefault();
    field.select();
    field.focus();
  }
}
