import { el, emoji } from "./dom.js";
import { actions, selects } from "./lazy.js";
import { markdown } from "./markdown.js";
import { cover, fileCard, gallery, picture } from "./media.js";
import { store } from "./store.js";
import { channelUrl, webUrl } from "./urls.js";

const press = (...what) => actions((part) => part.press(...what));

const STYLES = { 1: "primary", 3: "success", 4: "danger", 6: "primary" };
const LINK = 5;

export const components = ({ components: parts = [], ...message }) => parts.map((part) => component(part, message));

function component(part, message) {
	const build = KINDS[part.type];
	return build ? build(part, message) : el("p.subtext", `This page does not show component type ${part.type} yet.`);
}

const inside = ({ components: parts = [] }, message) => parts.map((child) => component(child, message));
const mediaOf = ({ media = {}, description, spoiler }) =>
	picture(media, { alt: description ?? "", spoiler: spoiler === true });
const covered = ({ spoiler }, box) => (spoiler ? cover(box) : box);

const KINDS = {
	1: (part, message) => el("div.row", inside(part, message)),
	2: button,
	3: select,
	5: select,
	6: select,
	7: select,
	8: select,
	9: (part, message) =>
		el("div.section", el("div", inside(part, message)), part.accessory && component(part.accessory, message)),
	10: ({ content = "" }) => el("div", markdown(content)),
	11: (part) => el("div.thumbnail", gallery([mediaOf(part)])),
	12: ({ items = [] }) => gallery(items.map(mediaOf)),
	13: (part) =>
		covered(
			part,
			fileCard({
				url: part.file?.url,
				name: part.name ?? part.file?.url?.split("?")[0].split("/").at(-1) ?? "file",
				size: part.size,
			}),
		),
	14: ({ spacing, divider }) =>
		el("div", {
			class: `separator${spacing === 2 ? " wide" : ""}${divider === false ? " blank" : ""}`,
			role: "presentation",
		}),
	17: (part, message) => covered(part, accent(el("div.container", inside(part, message)), part.accent_color)),
};

function select(part, message) {
	const node = el("div.select");
	selects(({ SelectMenu }) => {
		const menu = new SelectMenu(part, {
			label: part.placeholder || "Make a selection",
			change: (values) => press(message, part, menu.button, values),
		});
		node.append(...menu.node.children);
	}, true);
	return node;
}

/** Colour a box's left edge; a colour is a 24-bit RGB number. */
export function accent(box, color) {
	if (Number.isInteger(color)) box.style.borderLeftColor = `#${(color & 0xffffff).toString(16).padStart(6, "0")}`;
	return box;
}

function button(part, message) {
	const { style, label, url, disabled } = part;
	const kind = `button.button.${STYLES[style] ?? "secondary"}`;
	const inner = [part.emoji?.name && emoji(part.emoji), label && el("span", label)];
	if (style !== LINK) {
		return el(kind, {
			disabled: disabled === true,
			"data-press": part.custom_id,
			click: ({ currentTarget }) => press(message, part, currentTarget),
		}, inner);
	}
	const place = channelUrl(url);
	if (place) return el(kind, { click: () => store.goTo(...place) }, inner);
	const href = webUrl(url);
	const link = el(
		"a",
		{ href, target: "_blank", rel: "noopener noreferrer", "aria-disabled": href ? null : "true" },
		inner,
	);
	link.className = "button secondary";
	return link;
}
