import { el, fileSize, icon } from "./dom.js";

/** An invisible file input; a button beside it opens it. */
export function filePicker(onFile) {
	const picker = el("input.unseen", { type: "file", tabindex: "-1", "aria-hidden": "true", change: () => {
		if (picker.files[0]) onFile(picker.files[0]);
		picker.value = "";
	} });
	return picker;
}

/** The input of an attachment option: a button that is also a place to drop on, then a thumbnail of what was taken. */
export function attachmentInput({ id, initial, label = "Picture" }) {
	let file;
	let address = null;
	const picker = filePicker(put);
	const button = el("button", { id: `${id}-pick`, class: "drop", click: () => picker.click() });
	const node = el("div", { role: "group", "aria-label": label }, button, picker);
	node.addEventListener("drop", (event) => {
		event.preventDefault();
		event.stopPropagation();
		put(event.dataTransfer.files[0]);
	});
	node.addEventListener("dragover", (event) => event.preventDefault());

	function put(next) {
		if (!next) return;
		if (address) URL.revokeObjectURL(address);
		file = next;
		address = file.type.startsWith("image/") ? URL.createObjectURL(file) : null;
		draw();
		node.dispatchEvent(new Event("input", { bubbles: true }));
	}

	function draw() {
		button.classList.toggle("full", Boolean(file));
		if (!file) return button.replaceChildren(icon("image"), el("span", el("strong", "Choose a picture"), " or drop or paste one"));
		const size = el("span.muted", fileSize(file.size));
		return button.replaceChildren(thumbnail(address, file, size), el("span.file-text", el("strong", file.name), size));
	}

	draw();
	put(initial);
	return { kind: "upload", node, value: () => file, focus: () => button.focus(), put };
}

function thumbnail(address, file, size) {
	if (!address) return icon("file");
	const image = el("img", { src: address, alt: "" });
	image.addEventListener("load", () => (size.textContent = `${image.naturalWidth} × ${image.naturalHeight} · ${fileSize(file.size)}`));
	image.addEventListener("error", () => image.replaceWith(icon("file")));
	return image;
}

/** Take pictures dropped anywhere on the page or pasted into it. */
export function takeFiles(onFile) {
	const veil = el("div.drop-veil", { hidden: true }, el("div", icon("image"), "Drop the picture to use it"));
	document.body.append(veil);
	let depth = 0;
	const carries = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
	const show = (by) => (depth = by === 0 ? 0 : Math.max(0, depth + by), (veil.hidden = depth === 0));
	addEventListener("dragenter", (event) => carries(event) && show(1));
	addEventListener("dragleave", (event) => carries(event) && show(-1));
	addEventListener("dragover", (event) => carries(event) && event.preventDefault());
	addEventListener("drop", (event) => {
		if (!carries(event)) return;
		event.preventDefault();
		show(0);
		if (event.dataTransfer.files[0]) onFile(event.dataTransfer.files[0]);
	});
	addEventListener("paste", (event) => {
		const file = event.clipboardData?.files[0];
		if (!file) return;
		event.preventDefault();
		onFile(file);
	});
}
