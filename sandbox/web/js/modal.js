import { described } from "./api.js";
import { el, freshId, round } from "./dom.js";
import { field } from "./fields.js";
import { isOwn, submitModal } from "./interact.js";
import { markdown } from "./markdown.js";
import { SelectMenu } from "./selects.js";
import { attachmentInput } from "./upload.js";

const ROW = 1; // component types, as in Discord's reference
const TEXT_INPUT = 4;
const DISPLAY = 10;
const LABEL = 18;
const UPLOAD = 19;
const RADIO = 21;
const CHECKBOXES = 22;
const CHECKBOX = 23;
const PARAGRAPH = 2; // text input style

/** Open the modal that the bot answered with, if this tab caused it. */
export function openAnswer({ nonce, id, custom_id, title, components }) {
	if (isOwn(nonce)) openModal({ title, components }, (parts, files) => submitModal({ id, custom_id, ...parts }, files));
}

/**
 * Show `components` under a title, with Cancel and Submit. `send` gets {components, attachments} and
 * the files; its error is shown in the modal, which stays open.
 */
export function openModal({ title, components }, send) {
	document.querySelector("dialog.modal")?.close();
	const id = freshId("modal");
	const files = [];
	const fields = components.map((part) => fieldOf(part, files));
	const error = el("p.failure", { role: "alert" });
	const submit = el("button.button.primary", { type: "submit" }, "Submit");
	const close = () => dialog.close();
	const form = el(
		"form",
		{ novalidate: true, submit: (event) => (event.preventDefault(), hand()) },
		el("div.bar", el("h2", { id }, title), round("close", "Close", close)),
		el("div.modal-body", fields.map(({ node }) => node), error),
		el("div.bar.foot", el("button.button.plain", { click: close }, "Cancel"), submit),
	);
	const dialog = el("dialog.modal", { "aria-labelledby": id, close: () => dialog.remove() }, form);
	document.body.append(dialog);
	dialog.showModal();
	fields.find(({ focus }) => focus)?.focus();

	async function hand() {
		if (submit.disabled) return;
		error.textContent = "";
		const wrong = fields.filter((each) => each.check && (each.fail(each.check()), each.check()));
		if (wrong.length) return void wrong[0].focus();
		files.length = 0;
		const data = { components: fields.map((each) => each.value()) };
		if (files.length) data.attachments = described(files);
		submit.disabled = true;
		try {
			await send(data, files);
			close();
		} catch (problem) {
			error.textContent = problem.message;
			submit.disabled = false;
		}
	}
}

function fieldOf(part, files) {
	const { type, id } = part;
	if (type === DISPLAY) return { node: el("div.display", markdown(part.content ?? "")), value: () => ({ type, id }) };
	const inner = type === ROW ? part.components[0] : part.component;
	if (!inner) {
		return { node: el("p.subtext", `This page does not show component type ${type}.`), value: () => ({ type, id }) };
	}
	const made = labelled(inner, inner.label ?? part.label, part.description, files);
	return {
		...made,
		value: () => ({ type, id, ...(type === LABEL ? { component: made.value() } : { components: [made.value()] }) }),
	};
}

/** One component with its label; `value` returns what Discord expects in the submission. */
function labelled(part, label, help, files) {
	const { type, id, custom_id } = part;
	const required = part.required !== false && type !== CHECKBOX;
	const made = field(type === CHECKBOX ? "" : label, {
		build: (how) => inputFor(type)(part, { ...how, label, files }),
		required,
		help,
	});
	const least = required ? part.min_values ?? 1 : 0;
	const check = () => made.problem?.() || (made.chosen().length < least ? "Choose something." : "");
	const value = () => ({ type, id, custom_id, ...(made.content ?? (() => ({ values: made.chosen() })))() });
	return { check, ...made, value };
}

/** Build each kind of input: `chosen` returns its values, `content` the submission if not {values}. */
const inputFor = (type) =>
	({ [TEXT_INPUT]: text, [UPLOAD]: uploads, [RADIO]: boxes, [CHECKBOXES]: boxes, [CHECKBOX]: boxes })[type] ?? select;

function text(part, { id, described: by }) {
	const optional = part.required === false;
	const how = {
		id,
		maxlength: part.max_length ?? 4000,
		placeholder: part.placeholder,
		"aria-describedby": by,
		"aria-required": String(!optional),
		autocomplete: "off",
	};
	const node = part.style === PARAGRAPH ? el("textarea", { ...how, rows: "4" }) : el("input", { ...how, type: "text" });
	node.value = part.value ?? "";
	const least = Math.max(part.min_length ?? 0, optional ? 0 : 1);
	const check = () => {
		if (node.value.length >= least || (optional && !node.value)) return "";
		return least > 1 ? `At least ${least} characters.` : "This is required.";
	};
	return { kind: "long", single: true, node, content: () => ({ value: node.value }), check };
}

/** One place for a file, and one more after each that is filled, up to the most. */
function uploads({ max_values: most = 1, file_types: types }, { id, label, files }) {
	const inputs = [];
	const node = el("div.ticks", { input: () => inputs.every((input) => input.value()) && grow() });
	let serial = 0;
	let surplus = false;

	function grow() {
		if (inputs.length === most) return;
		const name = most > 1 ? `${label} ${serial += 1}` : label;
		const input = attachmentInput({ id: `${id}-${serial}`, label: name, types, rest: most > 1 ? rest : null });
		const remove = el("button.link", { "aria-label": `Remove ${name}`, click: () => drop(input) }, "Remove");
		if (most > 1) input.node.append(remove);
		inputs.push(input);
		node.append(input.node);
	}

	function rest(others) {
		for (const file of others) {
			const free = inputs.find((input) => !input.value());
			surplus = !free;
			if (free) free.put(file);
			else node.dispatchEvent(new Event("input", { bubbles: true }));
		}
	}

	function drop(input) {
		if (!input.value()) return;
		surplus = false;
		inputs.splice(inputs.indexOf(input), 1);
		input.node.remove();
		node.dispatchEvent(new Event("input", { bubbles: true }));
		inputs.at(-1).focus();
	}

	grow();
	const chosen = () => inputs.map((input) => input.value()).filter(Boolean);
	return {
		kind: "upload",
		node,
		focus: () => inputs[0].focus(),
		chosen,
		content: () => ({ values: chosen().map((file) => String(files.push(file) - 1)) }),
		problem: () => inputs.map((input) => input.problem()).find(Boolean) ?? (surplus ? `At most ${most}.` : ""),
	};
}

function select(part, { label }) {
	const menu = new SelectMenu(part, { label });
	return { kind: "list", node: menu.node, focus: () => menu.button.focus(), chosen: () => menu.values };
}

function boxes({ type, options = [], default: ticked }, { id, label }) {
	const one = type === CHECKBOX;
	const all = one ? [{ label, value: "1", default: ticked }] : options;
	const kind = type === RADIO ? "radio" : "checkbox";
	const inputs = all.map((option, at) =>
		el("input", { type: kind, name: id, id: `${id}-${at}`, checked: option.default === true })
	);
	const rows = inputs.map((input, at) =>
		el("label.tick", input, el("span", all[at].label, all[at].description && el("span.muted", all[at].description)))
	);
	const chosen = () => all.filter((_, at) => inputs[at].checked).map(({ value }) => value);
	const contents = {
		[CHECKBOX]: () => ({ value: inputs[0].checked }),
		[RADIO]: () => ({ value: chosen()[0] ?? null }),
	};
	const role = one ? null : type === RADIO ? "radiogroup" : "group";
	return {
		kind: "list",
		node: el("div.ticks", { role }, rows),
		focus: () => inputs[0]?.focus(),
		chosen,
		content: contents[type],
	};
}
