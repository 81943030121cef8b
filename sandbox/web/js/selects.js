import { avatar, displayName, el, emoji, icon } from "./dom.js";
import { Listbox } from "./listbox.js";
import { store } from "./store.js";

const USER = 5; // component types, as in Discord's reference
const ROLE = 6;
const MENTIONABLE = 7;
const CHANNEL = 8;

const users = () =>
	[...store.guild.users.values()].map((user) => ({
		value: user.id,
		label: displayName(user),
		mark: avatar(user),
		description: user.username,
	}));
const roles = () =>
	[...store.guild.roles.values()].filter(({ name }) => name !== "@everyone").map(({ id, name }) => ({
		value: id,
		label: `@${name}`,
		description: "Role",
	}));
const channels = (types) =>
	store.channelsOf(store.guildId)
		.filter(({ type }) => !types?.length || types.includes(type))
		.map(({ id, name }) => ({ value: id, label: `#${name}` }));

const OFFERS = {
	[USER]: users,
	[ROLE]: roles,
	[MENTIONABLE]: () => [...users(), ...roles()],
	[CHANNEL]: (part) => channels(part.channel_types),
};

function optionsOf(part) {
	const offer = OFFERS[part.type];
	if (!offer) {
		return (part.options ?? []).map((option) => ({ ...option, mark: option.emoji?.name ? emoji(option.emoji) : null }));
	}
	const chosen = new Set((part.default_values ?? []).map(({ id }) => id));
	return offer(part).map((option) => ({ ...option, default: chosen.has(option.value) }));
}

/**
 * A select menu: a button that opens a list. A single value is picked immediately; several are ticked, and picked
 * when the list closes. `change` gets the values.
 */
export class SelectMenu {
	#options;
	#chosen;
	#before;

	constructor(part, { label, change = () => {} }) {
		this.part = part;
		this.change = change;
		this.#options = optionsOf(part);
		this.#chosen = new Set(this.#options.filter((option) => option.default).map(({ value }) => value));
		this.button = el("button.select-button", {
			role: "combobox",
			"aria-haspopup": "listbox",
			"aria-label": label,
			disabled: part.disabled === true,
			"data-press": part.custom_id,
			click: () => (this.list.open ? this.#close() : this.#open()),
			keydown: (event) => this.#key(event),
			blur: () => this.#close(),
		});
		this.list = new Listbox(this.button, {
			label,
			pick: (at) => this.#pick(at),
			"aria-multiselectable": this.#many ? "true" : null,
		});
		this.list.chosen = (at) => this.#chosen.has(this.#options[at].value);
		this.node = el("div.select", this.button, this.list.node);
		this.#name();
	}

	get values() {
		return [...this.#chosen];
	}

	get #many() {
		return (this.part.max_values ?? 1) > 1;
	}

	#name() {
		const names = this.#options.filter(({ value }) => this.#chosen.has(value)).map(({ label }) => label);
		const text = names.length
			? el("span", names.join(", "))
			: el("span.muted", this.part.placeholder || "Make a selection");
		this.button.replaceChildren(text, icon("switch"));
	}

	#open() {
		this.#before = this.values.join();
		this.#draw(Math.max(0, this.#options.findIndex((_, at) => this.list.chosen(at))));
	}

	#draw(at) {
		const row = (
			{ label, description, mark },
			place,
		) => [
			mark,
			el("span.stack", el("span", label), description && el("span.muted", description)),
			this.list.chosen(place) && icon("check"),
		];
		this.list.show(this.#options.map(row), at, "Nothing to choose from.");
	}

	#close() {
		if (!this.list.open) return;
		this.list.close();
		if (this.#many && this.#before !== this.values.join() && this.#chosen.size >= (this.part.min_values ?? 1)) {
			this.change(this.values);
		}
	}

	#pick(at) {
		const { value } = this.#options[at];
		if (!this.#many) this.#chosen = new Set([value]);
		else if (!this.#chosen.delete(value) && this.#chosen.size < this.part.max_values) this.#chosen.add(value);
		this.#name();
		if (this.#many) return this.#draw(at);
		this.#close();
		return this.change(this.values);
	}

	#key(event) {
		const { key } = event;
		const { open } = this.list;
		if (open ? key === "Tab" : !["ArrowDown", "ArrowUp", "Enter", " "].includes(key)) return;
		const to = { Home: 0, End: this.#options.length - 1 }[key] ?? this.#letter(key);
		if (!open) this.#open();
		else if (key === "Escape") this.#close();
		else if (key === " ") this.#options.length && this.#pick(this.list.at);
		else if (to !== undefined) this.list.mark(to);
		else return void this.list.key(event);
		event.preventDefault();
		event.stopPropagation();
	}

	#letter(key) {
		if (key.length !== 1 || key === " ") return undefined;
		const starts = (at) => this.#options[at].label.replace(/^[#@]/, "").toLowerCase().startsWith(key.toLowerCase());
		return this.#options.map((_, step) => (this.list.at + 1 + step) % this.#options.length).find(starts);
	}
}
