import { el, icon } from "./dom.js";

/** The enlarged view: Escape, a click beside the picture or the cross closes it; arrow keys go on to the next. */
class PictureLightbox extends HTMLElement {
	#pictures = [];
	#at = 0;

	connectedCallback() {
		const go = (step) => () => this.#show(this.#at + step);
		this.image = el("img", { alt: "", click: () => this.dialog.close() });
		this.caption = el("p.caption");
		this.original = el("a", { target: "_blank", rel: "noopener" }, "Open original");
		this.previous = el("button.round.back", { "aria-label": "Previous picture", click: go(-1) }, icon("left"));
		this.next = el("button.round.on", { "aria-label": "Next picture", click: go(1) }, icon("right"));
		const close = el("button.round.close", { "aria-label": "Close", click: () => this.dialog.close() }, icon("close"));
		const foot = el("div.foot", this.caption, this.original);
		this.dialog = el("dialog.lightbox", { "aria-label": "Picture" }, close, this.previous, el("figure", this.image, foot), this.next);
		this.dialog.addEventListener("click", (event) => this.#clicked(event));
		this.dialog.addEventListener("keydown", (event) => this.#key(event));
		this.append(this.dialog);
	}

	open(pictures, at) {
		this.#pictures = pictures;
		this.dialog.showModal();
		this.#show(at);
	}

	#show(at) {
		const count = this.#pictures.length;
		this.#at = (at + count) % count;
		const item = this.#pictures[this.#at];
		this.image.src = item.source;
		this.image.alt = item.alt;
		this.original.href = item.source;
		const size = item.width ? `${item.width} × ${item.height}` : "";
		const place = count > 1 ? `${this.#at + 1} of ${count}` : "";
		this.caption.textContent = [item.name, size, place].filter(Boolean).join("  ·  ");
		this.previous.hidden = this.next.hidden = count < 2;
	}

	#clicked(event) {
		const around = event.target === this.dialog || event.target.localName === "figure";
		if (around) this.dialog.close();
	}

	#key(event) {
		const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
		if (!step || this.#pictures.length < 2) return;
		event.preventDefault();
		this.#show(this.#at + step);
	}
}
customElements.define("picture-lightbox", PictureLightbox);

export const openLightbox = (pictures, at) => document.querySelector("picture-lightbox").open(pictures, at);
