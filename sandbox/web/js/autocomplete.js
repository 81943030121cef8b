import { TYPE } from "./commands.js";
import { el, freshId } from "./dom.js";
import { place } from "./menu.js";

const PAUSE = 180; // milliseconds after a keystroke before the bot is asked

/** An input whose choices the bot suggests while one types; free text stays allowed, as on Discord. */
export function autocompleteInput(option, { id, described, initial, suggest, typed }) {
	const plain = typed({ ...option, type: TYPE.string }, { id, described, initial });
	const input = plain.node;
	const list = el("ul.popup.select-list", { role: "listbox", id: freshId("choices"), popover: "manual", "aria-label": `Choices for ${option.name}` });
	const node = el("div.select", input, list);
	const known = new Map(); // what was chosen by name
	let choices = [];
	let at = -1;
	let timer = 0;
	let asked = 0;
	for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id })) input.setAttribute(name, value);

	const isOpen = () => input.getAttribute("aria-expanded") === "true";
	function close() {
		clearTimeout(timer);
		asked += 1;
		if (!isOpen()) return;
		input.setAttribute("aria-expanded", "false");
		input.removeAttribute("aria-activedescendant");
		list.hidePopover();
	}
	function mark() {
		[...list.children].forEach((row, index) => row.setAttribute("aria-selected", String(index === at)));
		[...list.children].forEach((row, index) => row.classList.toggle("active", index === at));
		list.children[at]?.scrollIntoView({ block: "nearest" });
		if (at >= 0) input.setAttribute("aria-activedescendant", list.children[at].id);
	}
	function pick(choice) {
		known.set(choice.name, choice.value);
		input.value = choice.name;
		close();
		input.dispatchEvent(new CustomEvent("chosen", { bubbles: true }));
	}
	async function ask() {
		const turn = (asked += 1);
		const found = await suggest(input.value);
		if (turn !== asked || document.activeElement !== input) return;
		choices = found;
		at = -1;
		list.replaceChildren(...choices.map((choice, index) => el("li", { role: "option", id: `${list.id}-${index}`, "aria-selected": "false", mousedown: (event) => (event.preventDefault(), pick(choice)) }, choice.name)));
		if (!choices.length) return close();
		input.setAttribute("aria-expanded", "true");
		list.showPopover();
		list.style.width = `${input.offsetWidth}px`;
		place(list, input.getBoundingClientRect());
	}
	input.addEventListener("input", () => (clearTimeout(timer), (timer = setTimeout(ask, PAUSE))));
	input.addEventListener("focus", () => ask());
	input.addEventListener("blur", close);
	input.addEventListener("keydown", (event) => {
		const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
		if (!isOpen() || event.isComposing) return void (step === 1 && ask());
		if (step) (at = (at + step + choices.length) % choices.length), mark();
		else if (event.key === "Escape") close();
		else if ((event.key === "Enter" || event.key === "Tab") && at >= 0) pick(choices[at]);
		else return undefined;
		event.stopPropagation();
		if (event.key !== "Tab") event.preventDefault();
		return undefined;
	});
	const value = () => {
		const raw = known.has(input.value) ? known.get(input.value) : input.value;
		if (option.type === TYPE.string || raw === "") return raw === "" ? undefined : raw;
		return Number(raw);
	};
	return { kind: "long", single: true, node, value, focus: () => input.focus() };
}
