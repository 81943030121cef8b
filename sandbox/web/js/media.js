import { el, fileSize, icon } from "./dom.js";
import { lightbox } from "./lazy.js";
import { localUrl } from "./urls.js";

const WIDEST = 560; // CSS pixels of a single picture, as wide as a readable line of text
const TALLEST = 420;

/** Describe a message's picture in one form, from any part of the message. */
export function picture({ url, filename, width = 0, height = 0 }, { alt = "", spoiler = false } = {}) {
	const source = localUrl(url);
	return { source, alt, spoiler, name: filename || source?.split("?")[0].split("/").at(-1), width, height };
}

/**
 * Show pictures as one gallery. Their sizes in the message reserve the space, so nothing moves when they load; a
 * single picture keeps its shape, several are tiles.
 */
export function gallery(pictures) {
	const shown = pictures.filter(({ source }) => source);
	const tiles = shown.map((item) => tile(item, shown));
	const shapes = shown.map(({ width, height }) => width / height || 1).sort((a, b) => a - b);
	const box = el(`div.gallery.of-${Math.min(shown.length, 5)}`, tiles);
	box.style.setProperty("--tile", Math.min(3, Math.max(0.5, shapes[shapes.length >> 1])));
	return box;
}

function tile(item, shown) {
	const { source, alt, name, width, height } = item;
	const open = () => {
		const uncovered = shown.filter(({ spoiler }) => !spoiler);
		lightbox(({ openLightbox }) => openLightbox(uncovered, uncovered.indexOf(item)));
	};
	const image = el("img", { src: source, alt, decoding: "async", width: width || null, height: height || null });
	const button = el("button.tile", {
		"aria-label": alt ? `Enlarge picture: ${alt}` : `Enlarge picture ${name}`,
		click: open,
	}, image);
	if (shown.length === 1) {
		const [w, h] = [width || 320, height || 240];
		button.style.width = `${Math.max(48, Math.round(w * Math.min(1, WIDEST / w, TALLEST / h)))}px`;
		button.style.aspectRatio = `${w} / ${h}`;
	}
	if (!item.spoiler) return button;
	const wrap = cover(button, () => (item.spoiler = false));
	wrap.style.width = button.style.width;
	return wrap;
}

export function cover(box, uncovered = () => {}) {
	const open = () => {
		box.inert = false;
		wrap.classList.add("open");
		veil.remove();
		uncovered();
		box.focus();
	};
	const veil = el("button.veil", { click: open }, el("span", icon("eye"), "Spoiler"));
	const wrap = el("div.spoiler", box, veil);
	box.inert = true;
	return wrap;
}

export function fileCard({ url, name, size }) {
	const href = localUrl(url);
	const title = href ? el("a", { href, download: name }, name) : el("span", name);
	return el(
		"div.file-card",
		icon("file"),
		el("span.stack", title, Number.isFinite(size) && el("span.muted", fileSize(size))),
	);
}

const isPicture = ({ content_type: type, width }) => /^image\/(png|jpeg|webp|gif)/.test(type ?? "") && width;

export function attachments({ components = [], embeds = [], attachments: all = [] }) {
	const placed = JSON.stringify([components, embeds]);
	const free = all.filter(({ id }) => !placed.includes(`/${id}/`));
	const pictures = free.filter(isPicture).map((item) =>
		picture(item, { alt: item.description ?? "", spoiler: (item.flags & 8) > 0 })
	);
	return [
		pictures.length > 0 && gallery(pictures),
		free.filter((item) => !isPicture(item)).map((item) => fileCard({ ...item, name: item.filename })),
	];
}
