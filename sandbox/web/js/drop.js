import { el, icon } from "./dom.js";

export function takeFiles(onFile) {
	const veil = el("div.drop-veil", { hidden: true }, el("div", icon("image"), "Drop the picture to use it"));
	document.body.append(veil);
	let depth = 0;
	const take = (event, [file]) => file && (event.preventDefault(), onFile(file));
	const dragged = (name, run) =>
		addEventListener(
			name,
			(event) => [...(event.dataTransfer?.types ?? [])].includes("Files") && (event.preventDefault(), run(event)),
		);
	const show = (to) => (depth = Math.max(0, to), (veil.hidden = !depth));
	dragged("dragenter", () => show(depth + 1));
	dragged("dragleave", () => show(depth - 1));
	dragged("dragover", () => {});
	dragged("drop", (event) => (show(0), take(event, event.dataTransfer.files)));
	addEventListener("paste", (event) => take(event, event.clipboardData?.files ?? []));
}
