import { el, freshId } from "./dom.js";

const EDGE = 8; // CSS pixels between a pop-up and the window's edge

/** Place a pop-up at a rectangle: below it if there is room, else above; always inside the window. */
export function place(popup, { left, top, bottom, width = 0 }, { align = "left" } = {}) {
	const { offsetWidth: w, offsetHeight: h } = popup;
	const x = align === "right" ? left + width - w : left;
	const y = bottom + h + EDGE <= innerHeight || top - h < EDGE ? bottom : top - h;
	popup.style.left = `${Math.max(EDGE, Math.min(x, innerWidth - w - EDGE))}px`;
	popup.style.top = `${Math.max(EDGE, Math.min(y, innerHeight - h - EDGE))}px`;
}

/**
 * A list of options controlled from an input or button, which keeps the focus: arrow keys move the marked row,
 * Enter, Tab or a click picks it, Escape closes. `pick` gets the row's index; the list is as wide as its anchor.
 */
export class Listbox {
	at = -1;
	open = false;
	rows = [];

	constructor(input, { label, pick, anchor = input, ...attributes }) {
		Object.assign(this, { input, pick, anchor });
		this.node = el("ul.popup.choices", {
			role: "listbox",
			id: freshId("list"),
			popover: "manual",
			"aria-label": label,
			mousedown: (event) => event.preventDefault(),
			...attributes,
		});
		input.setAttribute("aria-controls", this.node.id);
		this.#turn(false);
	}

	/** Show these rows, given by their contents, and mark one; `empty` is the text if there are none. */
	show(rows, at, empty = "") {
		this.rows = rows.map((inside, row) =>
			el("li", { role: "option", id: `${this.node.id}-${row}`, click: () => this.pick(row) }, inside)
		);
		const none = el("li.muted", { role: "option", "aria-disabled": "true", "aria-selected": "false" }, empty);
		this.node.replaceChildren(...(rows.length ? this.rows : [none]));
		this.node.showPopover();
		this.#turn(true);
		this.settle();
		this.mark(at);
	}

	settle() {
		this.node.style.width = `${this.anchor.offsetWidth}px`;
		place(this.node, this.anchor.getBoundingClientRect());
	}

	close() {
		if (!this.open) return;
		this.#turn(false);
		this.input.removeAttribute("aria-activedescendant");
		this.node.hidePopover();
	}

	#turn(open) {
		this.open = open;
		if (this.input.role === "combobox") this.input.ariaExpanded = String(open);
	}

	mark(at) {
		this.at = at;
		this.rows.forEach((row, place) => {
			row.classList.toggle("active", place === at);
			row.ariaSelected = String(this.chosen?.(place) ?? place === at);
		});
		this.rows[at]?.scrollIntoView({ block: "nearest" });
		if (this.rows[at]) this.input.setAttribute("aria-activedescendant", this.rows[at].id);
		else this.input.removeAttribute("aria-activedescendant");
	}

	/** Handle a key of the input; return whether it was for the list. */
	key(event) {
		const { key } = event;
		if (!this.open || event.isComposing) return false;
		const count = this.rows.length;
		const step = { ArrowDown: this.at + 1, ArrowUp: Math.max(this.at, 0) - 1 + count }[key];
		if (key === "Escape") this.close();
		else if (step !== undefined) count && this.mark(step % count);
		else if (this.rows[this.at] && (key === "Enter" || (key === "Tab" && !event.shiftKey))) this.pick(this.at);
		else return false;
		event.stopPropagation();
		event.preventDefault();
		return true;
	}
}
