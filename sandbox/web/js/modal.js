import { isOwn } from "./api.js";
import { el, freshId, icon } from "./dom.js";
import { submitModal } from "./interact.js";
import { markdown } from "./markdown.js";
import { SELECTS, SelectMenu } from "./selects.js";
import { store } from "./store.js";
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

/**
 * A modal: its fields with their labels, Cancel and Submit. What the bot refuses is said in it, and what was typed
 * stays.
 */
class ModalDialog extends HTMLElement {
	connectedCallback() {
		store.on("modal", ({ detail }) => isOwn(detail.nonce) && this.open(detail, (parts, files) => submitModal({ id: detail.id, custom_id: detail.custom_id, ...parts }, files)));
	}

	/** Show `components` under a title; `send` gets {components, attachments} and the files, and rejects to keep it open. */
	open({ title, components }, send) {
		this.querySelector("dialog")?.close();
		const id = freshId("modal");
		this.files = [];
		const fields = components.map((part) => this.#field(part, id)).filter(Boolean);
		const error = el("p.failure", { role: "alert" });
		const submit = el("button", { type: "submit", class: "button primary" }, "Submit");
		const close = () => dialog.close();
		const form = el("form", { novalidate: true },
			el("div.modal-head", el("h2", { id }, title), el("button.round", { "aria-label": "Close", click: close }, icon("close"))),
			el("div.modal-body", fields.map(({ node }) => node), error),
			el("div.modal-foot", el("button.button.plain", { click: close }, "Cancel"), submit));
		const dialog = el("dialog.modal", { "aria-labelledby": id }, form);
		dialog.addEventListener("close", () => dialog.remove());
		form.addEventListener("submit", (event) => (event.preventDefault(), this.#send({ fields, error, submit, dialog, send })));
		this.append(dialog);
		dialog.showModal();
		fields.find(({ focus }) => focus)?.focus();
	}

	async #send({ fields, error, submit, dialog, send }) {
		if (submit.disabled) return;
		error.textContent = "";
		const wrong = fields.filter((field) => field.check && (field.fail(field.check()), field.check()));
		if (wrong.length) return void wrong[0].focus();
		this.files = [];
		const components = fields.map((field) => field.value());
		const attachments = this.files.map((file, place) => ({ id: String(place), filename: file.name }));
		submit.disabled = true;
		try {
			await send({ components, ...(attachments.length && { attachments }) }, this.files);
			dialog.close();
		} catch (problem) {
			error.textContent = problem.message;
			submit.disabled = false;
		}
	}

	#field(part, id) {
		if (part.type === DISPLAY) return { node: el("div.display", markdown(part.content ?? "")), value: () => ({ type: DISPLAY, id: part.id }) };
		if (part.type === ROW) {
			const inner = this.#labelled(part.components[0], part.components[0].label, "", id);
			return { ...inner, value: () => ({ type: ROW, id: part.id, components: [inner.value()] }) };
		}
		if (part.type !== LABEL) return { node: el("p.subtext", `This page does not show component type ${part.type}.`), value: () => ({ type: part.type, id: part.id }) };
		const inner = this.#labelled(part.component, part.label, part.description, id);
		return { ...inner, value: () => ({ type: LABEL, id: part.id, component: inner.value() }) };
	}

	#labelled(part, label, description, stem) {
		const id = `${stem}-${part.custom_id}`;
		const help = description ? el("span.help", { id: `${id}-help` }, description) : null;
		const error = el("span.failure", { id: `${id}-error`, role: "alert" });
		const described = `${help ? help.id : ""} ${id}-error`.trim();
		const input = this.#input(part, { id, label, described });
		const required = part.required === false || part.type === CHECKBOX ? null : el("span.required", "required");
		const title = part.type === CHECKBOX ? null : input.node.id === id ? el("label.field-label", { for: id }, label, required) : el("span.field-label", label, required);
		const node = el("div.modal-field", title, help, input.node, error);
		node.addEventListener("input", () => (error.textContent = ""));
		const value = () => ({ type: part.type, id: part.id, custom_id: part.custom_id, ...input.value() });
		return { node, value, focus: input.focus, check: input.check, fail: (text) => (error.textContent = text) };
	}

	#input(part, how) {
		if (part.type === TEXT_INPUT) return textInput(part, how);
		if (SELECTS.has(part.type)) return select(part, how);
		if (part.type === UPLOAD) return this.#upload(part, how);
		return boxes(part, how);
	}

	#upload(part, { id, label }) {
		const most = part.max_values ?? 1;
		const inputs = Array.from({ length: most }, (_, at) => attachmentInput({ id: `${id}-${at}`, label: most > 1 ? `${label} ${at + 1}` : label }));
		const files = () => inputs.map((input) => input.value()).filter(Boolean);
		const least = part.required === false ? 0 : part.min_values ?? 1;
		return {
			node: el("div.uploads", inputs.map(({ node }) => node)),
			value: () => ({ values: files().map((file) => String(this.files.push(file) - 1)) }),
			check: () => (files().length < least ? "Choose a file." : ""),
			focus: () => inputs[0].focus(),
		};
	}
}
customElements.define("modal-dialog", ModalDialog);

export const openModal = (modal, send) => document.querySelector("modal-dialog").open(modal, send);

function textInput(part, { id, described }) {
	const shared = { id, maxlength: part.max_length ?? 4000, placeholder: part.placeholder, "aria-describedby": described, "aria-required": String(part.required !== false), autocomplete: "off" };
	const node = part.style === PARAGRAPH ? el("textarea", { ...shared, rows: "4" }) : el("input", { ...shared, type: "text" });
	node.value = part.value ?? "";
	const least = Math.max(part.min_length ?? 0, part.required === false ? 0 : 1);
	const short = () => (node.value || part.required !== false) && node.value.length < least;
	const check = () => (short() ? (least > 1 ? `At least ${least} characters.` : "This is required.") : "");
	return { node, value: () => ({ value: node.value }), focus: () => node.focus(), check };
}

function select(part, { label }) {
	const menu = new SelectMenu(part, { label });
	const least = part.required === false ? 0 : part.min_values ?? 1;
	return { node: menu.node, value: () => ({ values: menu.values }), focus: () => menu.focus(), check: () => (menu.values.length < least ? "Choose something." : "") };
}

/** Radio buttons, check boxes, or the single check box. */
function boxes(part, { id, label, described }) {
	const options = part.type === CHECKBOX ? [{ label, value: "1", default: part.default }] : part.options ?? [];
	const kind = part.type === RADIO ? "radio" : "checkbox";
	const inputs = options.map((option, at) => el("input", { type: kind, name: id, id: `${id}-${at}`, checked: option.default === true }));
	const rows = inputs.map((input, at) => el("label.tick", input, el("span", options[at].label, options[at].description ? el("span.muted", options[at].description) : null)));
	const chosen = () => options.filter((_, at) => inputs[at].checked).map(({ value }) => value);
	const value = () => (part.type === CHECKBOX ? { value: chosen().length > 0 } : part.type === CHECKBOXES ? { values: chosen() } : { value: chosen()[0] ?? null });
	const least = part.required === false || part.type === CHECKBOX ? 0 : part.min_values ?? 1;
	return {
		node: el("div", { role: part.type === RADIO ? "radiogroup" : "group", "aria-label": label, "aria-describedby": described, class: "ticks" }, rows),
		value, focus: () => inputs[0]?.focus(), check: () => (chosen().length < least ? "Choose something." : ""),
	};
}
