import { el, round } from "./dom.js";

/** Enlarge pictures, this one first: Escape, a click or the cross closes, arrow keys move on. */
export function openLightbox(pictures, first) {
	let at = first;
	const many = pictures.length > 1;
	const close = () => dialog.close();
	const image = el("img", { alt: "", click: close });
	const caption = el("p");
	const original = el("a", { target: "_blank", rel: "noopener" }, "Open original");
	const turn = (name, label, mark, step) => many && round(mark, label, () => show(step), { class: `round ${name}` });
	const dialog = el(
		"dialog.lightbox",
		{
			"aria-label": "Picture",
			close: () => dialog.remove(),
			click: ({ target }) => target.matches("dialog, figure") && close(),
			keydown: (event) => {
				const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
				if (step && many) event.preventDefault(), show(step);
			},
		},
		round("close", "Close", close, { class: "round close" }),
		turn("back", "Previous picture", "left", -1),
		el("figure", image, el("div.foot", caption, original)),
		turn("on", "Next picture", "right", 1),
	);

	function show(step) {
		at = (at + step + pictures.length) % pictures.length;
		const { source, alt, name, width, height } = pictures[at];
		Object.assign(image, { src: source, alt });
		original.href = source;
		caption.textContent = [name, width && `${width} × ${height}`, many && `${at + 1} of ${pictures.length}`].filter(
			Boolean,
		).join("  ·  ");
	}
	show(0);
	document.body.append(dialog);
	dialog.showModal();
}
