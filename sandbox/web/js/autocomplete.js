import { TYPE } from "./commands.js";
import { el } from "./dom.js";
import { Listbox } from "./listbox.js";

const PAUSE = 180; // milliseconds after a keystroke before the bot is asked

/** An input with the bot's suggestions while typing; free text stays allowed, as on Discord. */
export function autocompleteInput(option, { suggest, typed, ...how }) {
	const { node: input } = typed({ ...option, type: TYPE.string }, how);
	input.role = "combobox";
	input.ariaAutoComplete = "list";
	const known = new Map(); // values chosen from suggestions, by name
	let choices = [];
	let timer = 0;
	let asked = 0;
	const list = new Listbox(input, {
		label: `Choices for ${option.name}`,
		pick: (at) => {
			known.set(choices[at].name, choices[at].value);
			input.value = choices[at].name;
			close();
			input.dispatchEvent(new CustomEvent("chosen", { bubbles: true }));
		},
	});
	function close() {
		clearTimeout(timer);
		asked += 1;
		list.close();
	}
	async function ask() {
		const turn = (asked += 1);
		const found = await suggest(input.value);
		if (turn !== asked || document.activeElement !== input) return;
		choices = found;
		if (choices.length) list.show(choices.map(({ name }) => name), -1);
		else list.close();
	}
	input.addEventListener("input", () => (clearTimeout(timer), (timer = setTimeout(ask, PAUSE))));
	input.addEventListener("focus", ask);
	input.addEventListener("blur", close);
	input.addEventListener("keydown", (event) => list.key(event) || (event.key === "ArrowDown" && !list.open && ask()));
	const value = () => {
		const raw = known.get(input.value) ?? input.value;
		if (raw === "") return undefined;
		return option.type === TYPE.string ? raw : Number(raw);
	};
	return { kind: "long", single: true, node: el("div.select", input, list.node), value, focus: () => input.focus() };
}
