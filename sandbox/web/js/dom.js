const SVG = "http://www.w3.org/2000/svg";

/**
 * Build an element from "tag.class.class", attributes (functions become listeners) and children.
 * Strings among the children become text nodes, so data can never become markup.
 */
export function el(kind, ...rest) {
	const [tag, ...classes] = kind.split(".");
	const node = document.createElement(tag);
	if (tag === "button") node.type = "button";
	if (classes.length) node.className = classes.join(" ");
	if (rest[0]?.constructor === Object) set(node, rest.shift());
	node.append(...rest.flat(Infinity).filter((child) => child || child === 0));
	return node;
}

function set(node, attributes) {
	for (const [name, value] of Object.entries(attributes)) {
		if (typeof value === "function") node.addEventListener(name, value);
		else if (value !== false && value !== null && value !== undefined) {
			node.setAttribute(name, value === true ? "" : value);
		}
	}
}

/** Draw one shape of the icon sheet; it is decorative, the control beside it has the name. */
export function icon(name) {
	const [svg, use] = ["svg", "use"].map((tag) => document.createElementNS(SVG, tag));
	set(svg, { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" });
	use.setAttribute("href", `/web/art/icons.svg#${name}`);
	svg.append(use);
	return svg;
}

/** A round button with an icon and an accessible name. */
export const round = (mark, name, click, more = {}) =>
	el("button.round", { "aria-label": name, title: name, click, ...more }, icon(mark));

export function avatar(user) {
	if (user.bot) return el("img.avatar", { src: "/web/art/expanse.svg", alt: "" });
	const disc = el("span.avatar", { "aria-hidden": "true" }, [...displayName(user)][0]?.toUpperCase() ?? "?");
	disc.style.backgroundColor = `oklch(47% .12 ${(BigInt(user.id) % 997n) * 60n})`;
	return disc;
}

export const displayName = (user) => user.global_name || user.username || "Unknown";

/** Draw an emoji: a character, or an application's own as a picture with its name. */
export function emoji({ id, name, animated }) {
	if (!/^\d+$/.test(id ?? "")) return el("span.emoji", name);
	return el("img.emoji", {
		src: `/cdn/emojis/${id}.${animated ? "gif" : "webp"}`,
		alt: `:${name}:`,
		title: `:${name}:`,
	});
}

/** Format a number of bytes; 1 kB is 1,000 bytes, as on a disk's label. */
export function fileSize(bytes) {
	if (bytes < 1000) return `${bytes} bytes`;
	return bytes < 999_500 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

let serial = 0;
export const freshId = (stem) => `${stem}-${(serial += 1)}`;
