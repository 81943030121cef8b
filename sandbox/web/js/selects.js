import { avatar, displayName, el, freshId, icon } from "./dom.js";
import { place } from "./menu.js";
import { CAN, DIRECT, store } from "./store.js";

const STRING = 3; // component types, as in Discord's reference
const USER = 5;
const ROLE = 6;
const MENTIONABLE = 7;
const CHANNEL = 8;
export const SELECTS = new Set([STRING, USER, ROLE, MENTIONABLE, CHANNEL]);

const users = () => [...store.users.values()].map((user) => ({ value: user.id, label: displayName(user), mark: avatar(user), description: user.username }));
const roles = () => [...store.roles.values()].filter((role) => role.name !== "@everyone").map((role) => ({ value: role.id, label: `@${role.name}`, description: "Role" }));
const channels = (types) => [...store.channels.values()]
	.filter((channel) => channel.type !== DIRECT && (!types?.length || types.includes(channel.type)) && store.may(CAN.send, channel.id))
	.map((channel) => ({ value: channel.id, label: `#${channel.name}` }));

/** What one may choose in a select of a message or modal. */
function optionsOf(part) {
	const chosen = new Set((part.default_values ?? []).map(({ id }) => id));
	const marked = (list) => list.map((option) => ({ ...option, default: chosen.has(option.value) }));
	switch (part.type) {
		case USER: return marked(users());
		case ROLE: return marked(roles());
		case MENTIONABLE: return marked([...users(), ...roles()]);
		case CHANNEL: return marked(channels(part.channel_types));
		default: return (part.options ?? []).map((option) => ({ ...option, mark: option.emoji?.name ? el("span.emoji", option.emoji.name) : null }));
	}
}

/**
 * A select menu: a button that opens a list. One value is taken at once; several are ticked, and taken when the list
 * closes. `change` gets the values, which the node keeps as `values`.
 */
export class SelectMenu {
	#options;
	#chosen;
	#at = 0;

	constructor(part, { label, change = () => {} }) {
		this.part = part;
		this.change = change;
		this.#options = optionsOf(part);
		this.#chosen = new Set(this.#options.filter((option) => option.default).map(({ value }) => value));
		const id = freshId("select");
		this.list = el("ul.popup.select-list", { role: "listbox", id: `${id}-list`, popover: "manual", "aria-label": label, "aria-multiselectable": this.#many ? "true" : null });
		this.button = el("button.select-button", {
			id, role: "combobox", "aria-haspopup": "listbox", "aria-expanded": "false", "aria-controls": this.list.id, "aria-label": label,
			disabled: part.disabled === true, "data-press": part.custom_id, click: () => this.#toggle(),
		});
		this.node = el("div.select", this.button, this.list);
		this.button.addEventListener("keydown", (event) => this.#key(event));
		this.button.addEventListener("blur", () => this.#close());
		this.list.addEventListener("mousedown", (event) => event.preventDefault());
		this.#name();
	}

	get values() {
		return [...this.#chosen];
	}

	get #many() {
		return (this.part.max_values ?? 1) > 1;
	}

	get #open() {
		return this.button.getAttribute("aria-expanded") === "true";
	}

	focus() {
		this.button.focus();
	}

	#name() {
		const names = this.#options.filter(({ value }) => this.#chosen.has(value)).map(({ label }) => label);
		const text = names.length ? el("span", names.join(", ")) : el("span.muted", this.part.placeholder || "Make a selection");
		this.button.replaceChildren(text, icon("switch"));
	}

	#toggle() {
		if (this.#open) return this.#close();
		this.before = this.values.join();
		this.#at = Math.max(0, this.#options.findIndex(({ value }) => this.#chosen.has(value)));
		this.#draw();
		this.button.setAttribute("aria-expanded", "true");
		this.list.showPopover();
		this.list.style.width = `${this.button.offsetWidth}px`;
		place(this.list, this.button.getBoundingClientRect());
		return this.#mark();
	}

	#close() {
		if (!this.#open) return;
		this.button.setAttribute("aria-expanded", "false");
		this.button.removeAttribute("aria-activedescendant");
		this.list.hidePopover();
		if (this.#many && this.before !== this.values.join() && this.#chosen.size >= (this.part.min_values ?? 1)) this.change(this.values);
	}

	#draw() {
		const rows = this.#options.map((option, at) => {
			const on = this.#chosen.has(option.value);
			return el("li", { role: "option", id: `${this.list.id}-${at}`, "aria-selected": String(on), click: () => this.#pick(at) },
				option.mark, el("span.select-text", el("span", option.label), option.description ? el("span.muted", option.description) : null), on ? icon("check") : null);
		});
		this.list.replaceChildren(...(rows.length ? rows : [el("li.muted", { role: "option", "aria-selected": "false", "aria-disabled": "true" }, "Nothing to choose from.")]));
	}

	#pick(at) {
		const { value } = this.#options[at];
		this.#at = at;
		if (!this.#many) {
			this.#chosen = new Set([value]);
			this.#name();
			this.#close();
			this.change(this.values);
			return;
		}
		if (this.#chosen.has(value)) this.#chosen.delete(value);
		else if (this.#chosen.size < this.part.max_values) this.#chosen.add(value);
		this.#name();
		this.#draw();
		this.#mark();
	}

	#mark() {
		[...this.list.children].forEach((row, at) => row.classList.toggle("active", at === this.#at));
		this.list.children[this.#at]?.scrollIntoView({ block: "nearest" });
		this.button.setAttribute("aria-activedescendant", `${this.list.id}-${this.#at}`);
	}

	#key(event) {
		const { key } = event;
		const opens = ["ArrowDown", "ArrowUp", "Enter", " "].includes(key);
		if (!this.#open) return void (opens && (event.preventDefault(), event.stopPropagation(), this.#toggle()));
		const last = this.#options.length - 1;
		const to = { ArrowDown: Math.min(last, this.#at + 1), ArrowUp: Math.max(0, this.#at - 1), Home: 0, End: last }[key] ?? this.#letter(key);
		if (to !== undefined && to >= 0) (this.#at = to), this.#mark();
		else if (key === "Enter" || key === " ") this.#options.length && this.#pick(this.#at);
		else if (key === "Escape") this.#close();
		else return;
		event.preventDefault();
		event.stopPropagation();
	}

	#letter(key) {
		if (key.length !== 1 || key === " ") return undefined;
		const starts = (at) => this.#options[at].label.replace(/^[#@]/, "").toLowerCase().startsWith(key.toLowerCase());
		return this.#options.map((_, step) => (this.#at + 1 + step) % this.#options.length).find(starts);
	}
}
