import { entries, search } from "./commands.js";
import { avatar, el, freshId } from "./dom.js";
import { store } from "./store.js";

/** The list of commands above the message box: it filters as one types and is moved through with the arrow keys. */
class CommandPalette extends HTMLElement {
	#found = [];
	#at = 0;

	connectedCallback() {
		this.id = freshId("palette");
		this.list = el("ul", { role: "listbox", id: `${this.id}-list`, "aria-label": "Commands" });
		this.hidden = true;
		this.append(el("p.palette-title", "Commands"), this.list);
	}

	/** Attach to the input that drives it; `onPick` receives the chosen command. */
	serve(input, onPick) {
		this.input = input;
		this.onPick = onPick;
		for (const [name, value] of Object.entries({ "aria-autocomplete": "list", "aria-haspopup": "listbox", "aria-controls": this.list.id })) input.setAttribute(name, value);
	}

	filter(text) {
		this.#found = text.startsWith("/") ? search(entries(store.offered), text.slice(1)) : [];
		this.#at = 0;
		this.hidden = !text.startsWith("/");
		this.#draw();
	}

	/** The command whose whole name stands before a space. */
	exact(text) {
		return text.endsWith(" ") ? entries(store.offered).find((entry) => `/${entry.title} ` === text) : undefined;
	}

	/** Handle a key of the input; true when it was for the palette. */
	key(event) {
		if (this.hidden || event.isComposing) return false;
		const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
		if (event.key === "Escape") this.close();
		else if (step && this.#found.length) this.#move(step);
		else if (event.key === "Enter" || (event.key === "Tab" && !event.shiftKey)) this.#found[this.#at] && this.onPick(this.#found[this.#at]);
		else return false;
		event.preventDefault();
		return true;
	}

	close() {
		this.hidden = true;
		this.input.removeAttribute("aria-activedescendant");
	}

	#move(step) {
		this.#at = (this.#at + step + this.#found.length) % this.#found.length;
		this.#mark();
	}

	#draw() {
		const rows = this.#found.map((entry, at) => this.#row(entry, at));
		const empty = el("li.palette-empty", { role: "option", "aria-disabled": "true", "aria-selected": "false" }, store.commands.length ? "No command has that name." : "Expanse has not offered its commands yet.");
		this.list.replaceChildren(...(rows.length ? rows : [empty]));
		this.#mark();
	}

	#row(entry, at) {
		const wants = entry.options.map((option) => el("span", { class: option.required ? "want needed" : "want" }, option.name));
		const pick = (event) => (event.preventDefault(), this.onPick(entry));
		return el("li", { role: "option", id: `${this.list.id}-${at}`, mousedown: pick },
			avatar({ bot: true }),
			el("span.palette-text", el("span", el("strong", `/${entry.title}`), wants), el("span.muted", entry.description)));
	}

	#mark() {
		[...this.list.children].forEach((row, at) => row.setAttribute("aria-selected", String(at === this.#at && this.#found.length > 0)));
		const chosen = this.#found.length ? this.list.children[this.#at] : null;
		chosen?.scrollIntoView({ block: "nearest" });
		if (chosen) this.input.setAttribute("aria-activedescendant", chosen.id);
		else this.input.removeAttribute("aria-activedescendant");
	}
}
customElements.define("command-palette", CommandPalette);
