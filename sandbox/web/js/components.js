import { el } from "./dom.js";
import { press } from "./interact.js";
import { markdown } from "./markdown.js";
import { fileCard, gallery, picture } from "./media.js";
import { SELECTS, SelectMenu } from "./selects.js";
import { store } from "./store.js";
import { channelUrl, webUrl } from "./urls.js";

const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link", 6: "primary" };

/** Render the components of a message: version 2 layouts, and the rows of buttons below plain messages. */
export const components = (message) => (message.components ?? []).map((part) => component(part, message));

function component(part, message) {
	const build = KINDS[part.type];
	return build ? build(part, message) : el("p.subtext", `This page does not show component type ${part.type} yet.`);
}

const KINDS = {
	1: (part, message) => el("div.row", (part.components ?? []).map((child) => component(child, message))),
	2: button,
	9: section,
	10: (part) => el("div.display", markdown(part.content ?? "")),
	11: (part) => el("div.thumbnail", gallery([mediaOf(part)])),
	12: (part) => gallery((part.items ?? []).map(mediaOf)),
	13: (part) => (part.spoiler ? veiled(file(part)) : file(part)),
	14: (part) => el("div", { class: `separator${part.spacing === 2 ? " wide" : ""}${part.divider === false ? " blank" : ""}`, role: "presentation" }),
	17: container,
	...Object.fromEntries([...SELECTS].map((type) => [type, select])),
};

function mediaOf(part) {
	return picture(part.media ?? {}, { alt: part.description ?? "", spoiler: part.spoiler === true });
}

function file(part) {
	return fileCard({ url: part.file?.url, name: part.name ?? part.file?.url?.split("?")[0].split("/").at(-1) ?? "file", size: part.size });
}

function section(part, message) {
	const texts = el("div.section-text", (part.components ?? []).map((child) => component(child, message)));
	return el("div.section", texts, part.accessory ? component(part.accessory, message) : null);
}

function container(part, message) {
	const box = el("div.container", (part.components ?? []).map((child) => component(child, message)));
	accent(box, part.accent_color);
	return part.spoiler ? veiled(box) : box;
}

/** Cover something until it is asked for. */
function veiled(box) {
	const veil = el("button.veil", { click: () => open() }, el("span", "Spoiler: show"));
	const wrap = el("div.spoiler", box, veil);
	const open = () => (veil.remove(), wrap.classList.add("open"), (box.inert = false));
	box.inert = true;
	return wrap;
}

function select(part, message) {
	const menu = new SelectMenu(part, { label: part.placeholder || "Make a selection", change: (values) => press(message, part, menu.button, values) });
	return menu.node;
}

/** Colour the left edge; a colour is 24 bits, red first. */
export function accent(box, color) {
	if (!Number.isInteger(color)) return;
	box.style.setProperty("--accent-edge", `#${(color & 0xffffff).toString(16).padStart(6, "0")}`);
}

function button(part, message) {
	const emoji = part.emoji?.name ? el("span.emoji", { "aria-hidden": part.label ? "true" : null }, part.emoji.name) : null;
	const kind = `button ${STYLES[part.style] ?? "secondary"}`;
	const inside = [emoji, part.label ? el("span", part.label) : null];
	const place = part.style === 5 ? channelUrl(part.url) : null;
	if (place) return el("button", { class: kind, click: () => store.goTo(...place) }, inside);
	if (part.style === 5) {
		const href = webUrl(part.url);
		return el("a", { class: kind, href, target: "_blank", rel: "noopener noreferrer", "aria-disabled": href ? null : "true" }, inside);
	}
	return el("button", {
		type: "button", class: kind, disabled: part.disabled === true, "data-press": part.custom_id,
		click: (event) => press(message, part, event.currentTarget),
	}, inside);
}
