import { autocompleteInput } from "./autocomplete.js";
import { TYPE } from "./commands.js";
import { displayName, el, freshId } from "./dom.js";
import { attachmentInput } from "./upload.js";
import { store } from "./store.js";

const CHIPS = 8; // up to so many choices lie open side by side; more fold into a list

/** Say what is wrong with a value, or "" when the command's own bounds allow it. */
export function complaint(option, value) {
	if (value === undefined || value === "") return option.required ? "This option is required." : "";
	if (option.type === TYPE.integer || option.type === TYPE.number) return numberComplaint(option, value);
	if (option.type === TYPE.string && value.length > (option.max_length ?? 6000)) return `At most ${option.max_length} characters; this has ${value.length}.`;
	if (option.type === TYPE.string && value.length < (option.min_length ?? 0)) return `At least ${option.min_length} characters.`;
	if (option.type === TYPE.attachment && value.size > store.limits.attachment_size) return "The file is larger than this channel takes.";
	return "";
}

function numberComplaint(option, value) {
	const { type, min_value: low = -Infinity, max_value: high = Infinity } = option;
	const fits = Number.isFinite(value) && value >= low && value <= high && (type === TYPE.number || Number.isInteger(value));
	return fits ? "" : ["Type a", type === TYPE.integer ? "whole number" : "number", bounds(option)].join(" ").trim() + ".";
}

/** What a person may want to know of the bounds before typing. */
function bounds({ min_value: low, max_value: high, max_length: longest, choices }) {
	if (choices?.length) return "";
	if (longest) return `up to ${longest} characters`;
	if (high === undefined) return low === undefined ? "" : `from ${low}`;
	return low === undefined ? `up to ${high}` : `from ${low} to ${high}`;
}

/** One option as a labelled field: its name, what it is for, its input, and room for what is wrong with it. */
export function optionField(option, { initial, remove = null, suggest = null } = {}) {
	const id = freshId("option");
	const help = el("span.help", { id: `${id}-help` }, [option.description, bounds(option)].filter(Boolean).join(" · "));
	const error = el("span.failure", { id: `${id}-error`, role: "alert" });
	const described = `${id}-help ${id}-error`;
	const input = inputFor(option, { id, described, initial, suggest });
	const named = [option.name, option.required ? el("span.required", "required") : null];
	const label = input.single ? el("label", { for: id }, named) : el("span.label", { id: `${id}-label` }, named);
	const away = remove && el("button.link", { "aria-label": `Remove ${option.name}`, click: remove }, "Remove");
	const node = el("div", { class: `option ${input.kind}` }, el("div.option-head", label, away), input.node, help, error);
	if (!input.single) {
		input.node.setAttribute("aria-labelledby", `${id}-label`);
		input.node.setAttribute("aria-describedby", described);
	}
	const fail = (text) => {
		error.textContent = text;
		node.classList.toggle("wrong", Boolean(text));
		for (const part of node.querySelectorAll("input, select")) part.setAttribute("aria-invalid", String(Boolean(text)));
	};
	node.addEventListener("input", () => fail(""));
	return { option, node, value: input.value, fail, focus: input.focus, put: input.put ?? null, check: () => complaint(option, input.value()) };
}

function inputFor(option, how) {
	if (option.type === TYPE.attachment) return attachmentInput(how);
	if (how.suggest) return autocompleteInput(option, { ...how, typed });
	const choices = choicesOf(option);
	if (choices && choices.length <= CHIPS) return chips(choices, how);
	if (choices) return list(choices, how);
	return typed(option, how);
}

function choicesOf(option) {
	if (option.choices?.length) return option.choices;
	if (option.type === TYPE.boolean) return [{ name: "Yes", value: true }, { name: "No", value: false }];
	const users = [...store.users.values()].map((user) => ({ name: displayName(user), value: user.id }));
	const roles = [...store.roles.values()].map((role) => ({ name: `@${role.name.replace(/^@/, "")}`, value: role.id }));
	if (option.type === TYPE.user) return users;
	if (option.type === TYPE.role) return roles;
	if (option.type === TYPE.mentionable) return [...users, ...roles];
	if (option.type === TYPE.channel) return [...store.channels.values()].map((channel) => ({ name: `#${channel.name}`, value: channel.id }));
	return null;
}

function chips(choices, { id, initial }) {
	const boxes = choices.map((choice, at) => el("input", { type: "radio", name: id, id: `${id}-${at}`, checked: choice.value === initial }));
	const parts = boxes.map((box, at) => [box, el("label", { for: box.id }, choices[at].name)]);
	const value = () => choices[boxes.findIndex((box) => box.checked)]?.value;
	return { kind: "chips", node: el("div", { role: "radiogroup" }, parts), value, focus: () => (boxes.find((box) => box.checked) ?? boxes[0]).focus() };
}

function list(choices, { id, described, initial }) {
	const choose = (choice, at) => el("option", { value: at, selected: choice.value === initial }, choice.name);
	const node = el("select", { id, "aria-describedby": described }, el("option", { value: "" }, "Choose…"), choices.map(choose));
	return { kind: "list", single: true, node, value: () => choices[node.value === "" ? -1 : Number(node.value)]?.value, focus: () => node.focus() };
}

function typed(option, { id, described, initial }) {
	const numeric = option.type === TYPE.integer || option.type === TYPE.number;
	const node = el("input", {
		id, type: numeric ? "number" : "text", inputmode: option.type === TYPE.integer ? "numeric" : null, autocomplete: "off",
		step: numeric ? (option.type === TYPE.integer ? "1" : "any") : null, min: option.min_value, max: option.max_value,
		"aria-describedby": described, "aria-required": String(option.required ?? false), value: initial,
	});
	const read = () => {
		if (!numeric) return node.value;
		if (node.validity.badInput) return Number.NaN;
		return node.value === "" ? undefined : node.valueAsNumber;
	};
	return { kind: numeric ? "short" : "long", single: true, node, value: read, focus: () => node.focus() };
}
