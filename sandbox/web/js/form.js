import { invocation } from "./commands.js";
import { avatar, el, icon } from "./dom.js";
import { optionField } from "./fields.js";
import { sendCommand, suggestions } from "./interact.js";

/**
 * A chosen command with its options as fields, the required ones first. Enter sends, Escape goes back;
 * what the sandbox refuses is said at the field it is about.
 */
export class CommandForm {
	#fields = new Map();
	#values;
	#offer = null;

	constructor(entry, { values = new Map(), done }) {
		this.entry = entry;
		this.#values = values;
		this.done = done;
		this.slots = el("div.options");
		this.more = el("div.more");
		this.error = el("p.failure", { role: "alert" });
		this.submit = el("button", { type: "submit", class: "button primary" }, "Send", icon("send"));
		this.node = el("form.command", { novalidate: true, "aria-label": `Command ${entry.title}` }, this.#head(), this.slots, this.error, el("div.command-foot", this.more, this.submit));
		this.node.addEventListener("submit", (event) => (event.preventDefault(), this.#send()));
		this.node.addEventListener("keydown", (event) => this.#key(event));
		for (const option of entry.options) if (option.required || values.has(option.name)) this.#add(option);
		this.#drawMore();
	}

	focus() {
		const empty = [...this.#fields.values()].find((field) => field.check());
		(empty ?? { focus: () => this.submit.focus() }).focus();
	}

	/** Take a file into the first free attachment option, or over the first one. */
	take(file) {
		const open = [...this.#fields.values()].filter((field) => field.put);
		const target = open.find((field) => !field.value()) ?? open[0];
		const folded = this.entry.options.find((option) => option.type === 11 && !this.#fields.has(option.name));
		const field = target ?? (folded && this.#add(folded));
		field?.put(file);
		this.focus();
		return Boolean(field);
	}

	/** Offer something else to do with what was taken, at the end of the form. */
	offer(label, run) {
		this.#offer = el("button.link", { click: run }, label);
		this.#drawMore();
	}

	#head() {
		const close = el("button.round", { "aria-label": "Leave this command", click: () => this.done(false) }, icon("close"));
		return el("div.command-head", avatar({ bot: true }), el("span.command-name", `/${this.entry.title}`), el("span.muted", this.entry.description), close);
	}

	#add(option) {
		const remove = option.required ? null : () => {
			this.#fields.get(option.name).node.remove();
			this.#fields.delete(option.name);
			this.#drawMore();
			this.submit.focus();
		};
		const suggest = option.autocomplete ? (text) => this.#suggest(option, text) : null;
		const field = optionField(option, { initial: this.#values.get(option.name), remove, suggest });
		this.#fields.set(option.name, field);
		this.slots.append(field.node);
		return field;
	}

	#drawMore() {
		const folded = this.entry.options.filter((option) => !this.#fields.has(option.name));
		const open = (option) => () => {
			const field = this.#add(option);
			this.#drawMore();
			field.focus();
		};
		this.more.replaceChildren(...folded.map((option) =>
			el("button.chip", { title: option.description, click: open(option) }, icon("plus"), option.name)), ...(this.#offer ? [this.#offer] : []));
	}

	/** Ask the bot for choices, telling it what else is filled in. */
	#suggest(option, text) {
		const others = [...this.#fields.values()].filter((field) => field.option !== option && !field.put && !field.check());
		const values = new Map(others.map((field) => [field.option.name, field.value()]).filter(([, value]) => value !== undefined && value !== ""));
		values.set(option.name, text);
		return suggestions(invocation(this.entry, values, option.name).data);
	}

	#key(event) {
		if (event.key === "Escape") {
			event.stopPropagation();
			this.done(false);
		}
		const sends = event.key === "Enter" && !event.isComposing && event.target.localName === "input";
		if (!sends) return;
		event.preventDefault();
		this.node.requestSubmit();
	}

	async #send() {
		if (this.submit.disabled) return;
		const fields = [...this.#fields.values()];
		const wrong = fields.filter((field) => (field.fail(field.check()), field.check()));
		this.error.textContent = "";
		if (wrong.length) return void wrong[0].focus();
		const set = fields.map((field) => [field.option.name, field.value()]).filter(([, value]) => value !== undefined && value !== "");
		const { data, files, order } = invocation(this.entry, new Map(set));
		this.#busy(true);
		try {
			await sendCommand({ data, files, title: this.entry.title });
			this.done(true);
		} catch (problem) {
			this.#busy(false);
			this.#blame(problem, order);
		}
	}

	#busy(busy) {
		this.submit.disabled = busy;
		this.submit.replaceChildren(...(busy ? ["Sending…"] : ["Send", icon("send")]));
	}

	/** Put each complaint at its field; one that names no field stands below them all. */
	#blame(problem, order) {
		let placed = 0;
		for (const [place, text] of problem.fields ?? []) {
			const field = this.#fields.get(order[Number(place)] ?? place);
			if (!field) continue;
			field.fail(text);
			placed += 1;
			if (placed === 1) field.focus();
		}
		if (!placed) this.error.textContent = problem.message;
	}
}
