import { entries } from "./commands.js";
import { avatar, el } from "./dom.js";
import { Listbox } from "./listbox.js";
import { store } from "./store.js";

export { CommandForm } from "./form.js";

const WANTS = 4; // options named beside a command; the others are counted

export class CommandPalette extends Listbox {
	#found = [];

	constructor(input, onPick) {
		super(input, {
			label: "Commands",
			anchor: input.form,
			class: "popup choices palette",
			pick: (at) => onPick(this.#found[at]),
		});
		input.ariaAutoComplete = "list";
		addEventListener("resize", () => this.open && this.settle());
	}

	filter(text) {
		if (!text.startsWith("/")) return this.close();
		this.#found = search(text.slice(1));
		return this.show(
			this.#found.map(row),
			0,
			store.guild.commands.length ? "No command has that name." : "Expanse has not offered its commands yet.",
		);
	}

	/** Handle a key of the input; Enter on an unknown command does nothing, and is not sent as a message. */
	key(event) {
		return super.key(event) || (this.open && event.key === "Enter" && (event.preventDefault(), true));
	}
}

/** The command whose whole name is followed by a space. */
export const exactly = (
	text,
) => (text.endsWith(" ") ? entries().find(({ title }) => `/${title} ` === text) : undefined);

/** Rank commands for the typed text: by the start of names, then names, then descriptions. */
function search(typed) {
	const words = typed.trim().toLowerCase();
	const rank = ({ title, description }) =>
		[
			title.startsWith(words),
			words.split(" ").every((word) => title.includes(word)),
			description.toLowerCase().includes(words),
		].indexOf(true);
	return entries().filter((entry) => rank(entry) >= 0).sort((a, b) => rank(a) - rank(b));
}

function row({ title, description, options }) {
	const wants = options.slice(0, WANTS).map(({ name, required }) =>
		el(required ? "span.want.needed" : "span.want", name)
	);
	const more = options.length > WANTS && el("span.want", `+${options.length - WANTS}`);
	return [
		avatar({ bot: true }),
		el("span.stack", el("span.wants", el("strong", `/${title}`), wants, more), el("span.muted", description)),
	];
}
