import { autocompleteInput } from "./autocomplete.js";
import { TYPE } from "./commands.js";
import { el, freshId } from "./dom.js";
import { SelectMenu } from "./selects.js";
import { store } from "./store.js";
import { attachmentInput } from "./upload.js";

const CHIPS = 8; // this many choices are shown side by side; more become a list
const YES_NO = [{ name: "Yes", value: true }, { name: "No", value: false }];
const OFFERED = { [TYPE.user]: 5, [TYPE.role]: 6, [TYPE.mentionable]: 7, [TYPE.channel]: 8 }; // the message select with the same offers

/**
 * Build an input with label, description and space for an error. `build` returns {kind, node, value, focus} and
 * whatever else the caller needs; `single` is set if the node is the input itself.
 */
export function field(name, { build, required = false, help = "", remove = null }) {
	const id = freshId("field");
	const input = build({ id, described: `${id}-help ${id}-error` });
	const error = el("span.failure", { id: `${id}-error`, role: "alert" });
	const named = [name, required && el("span.required", "required")];
	const label = input.single ? el("label", { for: id }, named) : el("span", { id: `${id}-label` }, named);
	const away = remove && el("button.link", { "aria-label": `Remove ${name}`, click: remove }, "Remove");
	const node = el(
		`div.option.${input.kind}`,
		el("div.option-head", label, away),
		input.node,
		el("span.help", { id: `${id}-help` }, help),
		error,
	);
	if (input.node.role && !input.single) {
		input.node.setAttribute("aria-labelledby", `${id}-label`);
		input.node.setAttribute("aria-describedby", `${id}-help ${id}-error`);
	}
	const fail = (text) => {
		error.textContent = text;
		node.classList.toggle("wrong", Boolean(text));
		for (const part of node.querySelectorAll("input, select, textarea")) part.ariaInvalid = String(Boolean(text));
	};
	node.addEventListener("input", () => fail(input.problem?.() ?? ""));
	return { focus: () => input.node.focus(), ...input, node, fail };
}

export function optionField(option, { initial, remove = null, suggest = null } = {}) {
	const build = (how) => inputFor(option, { ...how, initial, suggest });
	const help = [option.description, bounds(option)].filter(Boolean).join(" · ");
	const made = field(option.name, { build, required: option.required, help, remove });
	return { ...made, option, check: () => complaint(option, made.value()) || (made.problem?.() ?? "") };
}

const isNumber = ({ type }) => type === TYPE.integer || type === TYPE.number;

/** Return a value's error by the command's own bounds, or "". */
function complaint(option, value) {
	const {
		type,
		min_length: least = 0,
		max_length: most = 6000,
		min_value: low = -Infinity,
		max_value: high = Infinity,
	} = option;
	if (value === undefined || value === "") return option.required ? "This option is required." : "";
	if (isNumber(option)) {
		const whole = type === TYPE.integer;
		if (value >= low && value <= high && (!whole || Number.isInteger(value))) return "";
		return `Type a ${whole ? "whole number" : "number"} ${bounds(option)}`.trim() + ".";
	}
	if (type === TYPE.string && value.length > most) return `At most ${most} characters; this has ${value.length}.`;
	if (type === TYPE.string && value.length < least) return `At least ${least} characters.`;
	return type === TYPE.attachment && value.size > store.limits.attachment_size
		? "The file is larger than this channel takes."
		: "";
}

/** Describe the bounds, to be read before typing. */
function bounds({ min_value: low, max_value: high, max_length: longest, choices }) {
	if (choices?.length) return "";
	if (longest) return `up to ${longest} characters`;
	if (high === undefined) return low === undefined ? "" : `from ${low}`;
	return low === undefined ? `up to ${high}` : `from ${low} to ${high}`;
}

function inputFor(option, how) {
	if (option.type === TYPE.attachment) return attachmentInput({ ...how, types: option.file_types });
	if (how.suggest) return autocompleteInput(option, { ...how, typed });
	const choices = option.type === TYPE.boolean ? YES_NO : option.choices ?? [];
	if (OFFERED[option.type] || choices.length > CHIPS) return list(option, choices, how);
	return choices.length ? chips(choices, how) : typed(option, how);
}

function chips(choices, { id, initial }) {
	const boxes = choices.map(({ value }, at) =>
		el("input", { type: "radio", name: id, id: `${id}-${at}`, checked: value === initial })
	);
	const parts = boxes.map((box, at) => [box, el("label", { for: box.id }, choices[at].name)]);
	const value = () => choices[boxes.findIndex((box) => box.checked)]?.value;
	return {
		kind: "chips",
		node: el("div", { role: "radiogroup" }, parts),
		value,
		focus: () => (boxes.find((box) => box.checked) ?? boxes[0]).focus(),
	};
}

function list(option, choices, { initial }) {
	const options = choices.map(({ name, value }) => ({ label: name, value, default: value === initial }));
	const menu = new SelectMenu({
		type: OFFERED[option.type],
		options,
		channel_types: option.channel_types,
		placeholder: "Choose…",
	}, { label: option.name });
	return { kind: "list", node: menu.node, value: () => menu.values[0], focus: () => menu.button.focus() };
}

function typed(option, { id, described, initial }) {
	const numeric = isNumber(option);
	const node = el("input", {
		id,
		type: numeric ? "number" : "text",
		inputmode: option.type === TYPE.integer ? "numeric" : null,
		autocomplete: "off",
		step: numeric && (option.type === TYPE.integer ? "1" : "any"),
		min: option.min_value,
		max: option.max_value,
		"aria-describedby": described,
		"aria-required": String(option.required ?? false),
		value: initial,
	});
	const value = () => {
		if (!numeric) return node.value;
		if (node.validity.badInput) return Number.NaN;
		return node.value === "" ? undefined : node.valueAsNumber;
	};
	return { kind: numeric ? "short" : "long", single: true, node, value };
}
