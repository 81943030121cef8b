import { el, fileSize, icon } from "./dom.js";

export function attachmentInput({ id, initial, label = "Picture" }) {
	let file;
	let address = null;
	const picker = el("input.unseen", {
		type: "file",
		tabindex: "-1",
		"aria-hidden": "true",
		change: () => {
			put(picker.files[0]);
			picker.value = "";
		},
	});
	const button = el("button.drop", { id: `${id}-pick`, click: () => picker.click() });
	const drop = (event) => (event.preventDefault(), event.stopPropagation(), put(event.dataTransfer.files[0]));
	const node = el(
		"div",
		{ role: "group", "aria-label": label, drop, dragover: (event) => event.preventDefault() },
		button,
		picker,
	);

	function put(next) {
		if (!next) return;
		if (address) URL.revokeObjectURL(address);
		file = next;
		address = file.type.startsWith("image/") ? URL.createObjectURL(file) : null;
		const size = el("span.muted", fileSize(file.size));
		button.classList.add("full");
		button.replaceChildren(thumbnail(address, file, size), el("span.stack", el("strong", file.name), size));
		node.dispatchEvent(new Event("input", { bubbles: true }));
	}

	button.append(icon("image"), el("span", el("strong", "Choose a picture"), " or drop or paste one"));
	put(initial);
	return { kind: "upload", node, value: () => file, focus: () => button.focus(), put };
}

function thumbnail(address, file, size) {
	if (!address) return icon("file");
	const image = el("img", {
		src: address,
		alt: "",
		error: () => image.replaceWith(icon("file")),
		load: () => (size.textContent = `${image.naturalWidth} × ${image.naturalHeight} · ${fileSize(file.size)}`),
	});
	return image;
}
