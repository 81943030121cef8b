import { el, fileSize, icon } from "./dom.js";

/** An input for one file. `types` filters as Discord's client does; `rest` gets what was chosen besides. */
export function attachmentInput({ id, initial, label = "Picture", types = [], rest }) {
	let file;
	let address = null;
	const picker = el("input.unseen", {
		type: "file",
		tabindex: "-1",
		"aria-hidden": "true",
		accept: types.map((type) => type[0] === "." ? type : `${type}/*`).join(),
		multiple: Boolean(rest),
		change: () => {
			take(picker.files);
			picker.value = "";
		},
	});
	const button = el("button.drop", { id: `${id}-pick`, click: () => picker.click() });
	const drop = (event) => (event.preventDefault(), event.stopPropagation(), take(event.dataTransfer.files));
	const node = el(
		"div",
		{ role: "group", "aria-label": label, drop, dragover: (event) => event.preventDefault() },
		button,
		picker,
	);

	function take([first, ...others]) {
		put(first);
		rest?.(others);
	}

	function problem() {
		if (!file || !types.length || types.some((type) => fits(file, type))) return "";
		return `${file.name}: This takes ${types.join(", ")} only.`;
	}

	function put(next) {
		if (!next) return;
		if (address) URL.revokeObjectURL(address);
		file = next;
		address = file.type.startsWith("image/") ? URL.createObjectURL(file) : null;
		const size = el("span.muted", fileSize(file.size));
		button.classList.add("full");
		button.classList.toggle("bad", Boolean(problem()));
		button.replaceChildren(thumbnail(address, file, size), el("span.stack", el("strong", file.name), size));
		node.dispatchEvent(new Event("input", { bubbles: true }));
	}

	button.append(icon("image"), el("span", el("strong", "Choose a picture"), " or drop or paste one"));
	put(initial);
	return { kind: "upload", node, value: () => file, focus: () => button.focus(), put, problem };
}

const fits = ({ name, type: media }, type) =>
	type[0] === "." ? name.toLowerCase().endsWith(type) : media.startsWith(`${type}/`);

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
