import { el, fileSize, icon } from "./dom.js";
import { openLightbox } from "./lightbox.js";
import { localUrl } from "./urls.js";

const WIDEST = 560; // CSS pixels a single picture may take, as wide as a readable line of text
const TALLEST = 420;

/** Describe a picture of a message once, whatever part of the message it comes from. */
export function picture(media, { alt = "", spoiler = false, name = "" } = {}) {
	const source = localUrl(media.url);
	const filename = name || media.filename || source?.split("?")[0].split("/").at(-1) || "picture";
	return { source, alt, spoiler, name: filename, width: media.width ?? 0, height: media.height ?? 0 };
}

/**
 * Show pictures as one gallery. Room is kept from the sizes in the message, so nothing jumps when they load;
 * one picture keeps its shape, several share tiles.
 */
export function gallery(pictures) {
	const shown = pictures.filter((item) => item.source);
	const single = shown.length === 1;
	const open = (item) => () => {
		const uncovered = shown.filter((other) => !other.spoiler);
		openLightbox(uncovered, uncovered.indexOf(item));
	};
	const tiles = shown.map((item) => tile(item, { single, open: open(item) }));
	const box = el("div", { class: `gallery of-${Math.min(shown.length, 5)}` }, tiles);
	box.style.setProperty("--tile", Math.min(1.6, Math.max(0.75, middle(shown.map(({ width, height }) => width / height || 1)))));
	return box;
}

const middle = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1];

function tile(item, { single, open }) {
	const image = el("img", { src: item.source, alt: item.alt, decoding: "async", width: item.width || null, height: item.height || null });
	const label = item.alt ? `Enlarge picture: ${item.alt}` : `Enlarge picture ${item.name}`;
	const button = el("button.tile", { "aria-label": label, click: open }, image);
	if (single) reserve(button, item);
	button.classList.add("loading");
	const loaded = () => button.classList.remove("loading");
	image.addEventListener("load", loaded);
	image.addEventListener("error", () => (loaded(), button.classList.add("broken")));
	return item.spoiler ? cover(button, item) : button;
}

function reserve(button, { width, height }) {
	const w = width || 320;
	const h = height || 240;
	const scale = Math.min(1, WIDEST / w, TALLEST / h);
	button.style.width = `${Math.max(48, Math.round(w * scale))}px`;
	button.style.aspectRatio = `${w} / ${h}`;
}

function cover(button, item) {
	const veil = el("button.veil", el("span", icon("eye"), "Spoiler"));
	const wrap = el("div.spoiler", button, veil);
	wrap.style.width = button.style.width;
	button.inert = true;
	veil.addEventListener("click", () => {
		item.spoiler = button.inert = false;
		wrap.classList.add("open");
		veil.remove();
		button.focus();
	});
	return wrap;
}

/** Show one file that is no picture: its name, its size, a link to keep it. */
export function fileCard({ url, name, size }) {
	const local = localUrl(url);
	const title = local ? el("a", { href: local, download: name }, name) : el("span", name);
	const bytes = Number.isFinite(size) ? el("span.file-size", fileSize(size)) : null;
	return el("div.file-card", icon("file"), el("div.file-text", title, bytes));
}

const isPicture = (attachment) => /^image\/(png|jpeg|webp|gif)/.test(attachment.content_type ?? "") && attachment.width;

/** Show the attachments of a message that no component or embed of it has placed already. */
export function attachments(message) {
	const placed = JSON.stringify([message.components ?? [], message.embeds ?? []]);
	const free = (message.attachments ?? []).filter((item) => !placed.includes(`/${item.id}/`));
	const pictures = free.filter(isPicture).map((item) =>
		picture(item, { alt: item.description ?? "", spoiler: item.filename.startsWith("SPOILER_") }));
	const files = free.filter((item) => !isPicture(item)).map((item) => fileCard({ ...item, name: item.filename }));
	return [pictures.length ? gallery(pictures) : null, ...files];
}
