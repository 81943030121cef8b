import { invocation } from "./commands.js";
import { avatar, el, icon, round } from "./dom.js";
import { optionField } from "./fields.js";
import { sendCommand, suggestions } from "./interact.js";

const ATTACHMENT = 11; // option type

/**
 * A chosen command with its options as fields, required ones first. Enter sends, Escape goes back; the sandbox's
 * errors are shown at their fields.
 */
export class CommandForm {
	#fields = new Map();
	#values;
	#offer = "";

	constructor(entry, { values = new Map(), done }) {
		this.entry = entry;
		this.#values = values;
		this.done = done;
		this.slots = el("div.options");
		this.more = el("div.row");
		this.error = el("p.failure", { role: "alert" });
		this.submit = el("button.button.primary", { type: "submit" }, "Send", icon("send"));
		this.node = el(
			"form.command",
			{
				novalidate: true,
				"aria-label": `Command ${entry.title}`,
				keydown: (event) => this.#key(event),
				submit: (event) => (event.preventDefault(), this.#send()),
				focusin: ({ target }) => target.closest(".option")?.scrollIntoView({ block: "nearest" }),
			},
			this.#head(),
			this.slots,
			this.error,
			el("div.command-foot", this.more, this.submit),
		);
		for (const option of entry.options) if (option.required || values.has(option.name)) this.#add(option);
		this.#drawMore();
	}

	get #all() {
		return [...this.#fields.values()];
	}

	focus() {
		const empty = this.#all.find((field) => field.check());
		(empty ?? this.submit).focus();
	}

	/** Put a file into the first free attachment option, or replace the first one. */
	take(file) {
		const open = this.#all.filter((field) => field.put);
		const folded = this.entry.options.find(({ type, name }) => type === ATTACHMENT && !this.#fields.has(name));
		const field = open.find((each) => !each.value()) ?? open[0] ?? (folded && this.#add(folded));
		field?.put(file);
		this.focus();
		return Boolean(field);
	}

	/** Offer something else to do with the file, at the end of the form. */
	offer(label, run) {
		this.#offer = el("button.link", { click: run }, label);
		this.#drawMore();
	}

	#head() {
		const { title, description } = this.entry;
		return el(
			"div.command-head",
			avatar({ bot: true }),
			el("strong.command-name", `/${title}`),
			el("span.muted", description),
			round("close", "Leave this command", () => this.done()),
		);
	}

	#add(option) {
		const { name } = option;
		const remove = option.required ? null : () => {
			this.#fields.get(name).node.remove();
			this.#fields.delete(name);
			this.#drawMore();
			this.submit.focus();
		};
		const suggest = option.autocomplete ? (text) => this.#suggest(option, text) : null;
		const field = optionField(option, { initial: this.#values.get(name), remove, suggest });
		this.#fields.set(name, field);
		this.slots.append(field.node);
		return field;
	}

	#drawMore() {
		const open = (option) => () => {
			const field = this.#add(option);
			this.#drawMore();
			field.focus();
		};
		const folded = this.entry.options.filter(({ name }) => !this.#fields.has(name));
		this.more.replaceChildren(
			...folded.map((option) =>
				el("button.chip", { title: option.description, click: open(option) }, icon("plus"), option.name)
			),
			this.#offer,
		);
	}

	#filled(fields) {
		return new Map(
			fields.map((field) => [field.option.name, field.value()]).filter(([, value]) =>
				value !== undefined && value !== ""
			),
		);
	}

	#suggest(option, text) {
		const values = this.#filled(this.#all.filter((field) => field.option !== option && !field.put && !field.check()));
		return suggestions(invocation(this.entry, values.set(option.name, text), option.name).data);
	}

	#key(event) {
		if (event.key === "Escape") {
			event.stopPropagation();
			this.done();
		}
		if (event.key !== "Enter" || event.isComposing || event.target.localName !== "input") return;
		event.preventDefault();
		this.node.requestSubmit();
	}

	async #send() {
		if (this.submit.disabled) return;
		const wrong = this.#all.filter((field) => (field.fail(field.check()), field.check()));
		this.error.textContent = "";
		if (wrong.length) return void (wrong[0].focus(), wrong[0].node.scrollIntoView({ block: "nearest" }));
		const { data, files, order } = invocation(this.entry, this.#filled(this.#all));
		this.#busy(true);
		try {
			await sendCommand({ data, files, title: this.entry.title });
			this.done();
		} catch (problem) {
			this.#busy(false);
			this.#blame(problem, order);
		}
	}

	#busy(busy) {
		this.submit.disabled = busy;
		this.submit.replaceChildren(...(busy ? ["Sending…"] : ["Send", icon("send")]));
	}

	/** Show each error at its field; one without a field is shown below all of them. */
	#blame(problem, order) {
		const placed = [...(problem.fields ?? [])].map((
			[place, text],
		) => [this.#fields.get(order[Number(place)] ?? place), text]).filter(([field]) => field);
		for (const [field, text] of placed) field.fail(text);
		if (placed.length) placed[0][0].focus();
		else this.error.textContent = problem.message;
	}
}
