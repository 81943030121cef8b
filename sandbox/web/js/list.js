import { el, icon } from "./dom.js";
import { groups } from "./message.js";
import { store } from "./store.js";
import { dayOf } from "./time.js";
import { welcome } from "./welcome.js";

const NEAR = 80; // pixels from the end within which the list follows what comes

/** The messages of the open channel, oldest first; it follows the newest unless the reader scrolled up. */
class MessageList extends HTMLElement {
	#shown = new Map();
	#follow = true;

	connectedCallback() {
		this.log = el("div.log", { role: "log", "aria-label": "Messages", tabindex: "0" });
		this.start = el("div.start");
		this.rows = el("div.rows");
		this.waiting = el("div.rows");
		this.log.append(el("div.fill"), this.start, this.rows, this.waiting);
		this.jump = el("button.jump", { hidden: true, click: () => this.#toEnd() }, "Jump to the newest ", icon("down"));
		this.append(this.log, this.jump);
		this.log.addEventListener("scroll", () => this.#scrolled(), { passive: true });
		const watch = new ResizeObserver(() => this.#settle());
		watch.observe(this.log);
		watch.observe(this.rows);
		watch.observe(this.waiting);
		store.on("reset channel", () => this.#rebuild());
		store.on("message", ({ detail }) => this.#changed(detail));
		store.on("pending", () => this.#drawWaiting());
		store.on("commands bot", () => this.#drawStart());
	}

	#rebuild() {
		this.#shown.clear();
		this.rows.replaceChildren();
		this.#drawStart();
		let before = null;
		for (const message of store.visible()) before = this.#append(message, before);
		this.#drawWaiting();
		this.#toEnd();
	}

	#append(message, before) {
		if (!before || dayOf(before.timestamp) !== dayOf(message.timestamp)) {
			this.rows.append(el("div.day", { role: "separator" }, el("span", dayOf(message.timestamp))));
		}
		const node = document.createElement("chat-message");
		this.rows.append(node);
		node.show(message, groups(before, message));
		this.#shown.set(message.id, node);
		return message;
	}

	#changed({ id, channelId, created, removed }) {
		if (channelId && channelId !== store.channelId) return;
		const all = store.visible();
		const at = all.findLastIndex((message) => message.id === id);
		if (removed) return this.#redraw();
		if (at < 0) return undefined;
		if (created) {
			this.#append(all[at], all[at - 1]);
			if (all[at].author.id === store.me.id) this.#follow = true;
		} else this.#shown.get(id)?.show(all[at], groups(all[at - 1], all[at]));
		if (all.length === 1) this.#drawStart();
		return this.#settle();
	}

	/** Draw the rows anew without moving the reader: a message went away. */
	#redraw() {
		const follow = this.#follow;
		const top = this.log.scrollTop;
		this.#rebuild();
		this.#follow = follow;
		if (!follow) this.log.scrollTop = top;
	}

	#drawStart() {
		this.start.replaceChildren(...welcome());
	}

	#drawWaiting() {
		const nodes = store.waiting().map((entry) => {
			const node = document.createElement("chat-message");
			node.wait(entry);
			return node;
		});
		if (nodes.length > this.waiting.childElementCount) this.#follow = true;
		this.waiting.replaceChildren(...nodes);
		this.#settle();
	}

	#scrolled() {
		const { scrollHeight, scrollTop, clientHeight } = this.log;
		this.#follow = scrollHeight - scrollTop - clientHeight < NEAR;
		if (this.#follow) this.jump.hidden = true;
	}

	#settle() {
		if (this.#follow) this.log.scrollTop = this.log.scrollHeight;
		else this.jump.hidden = false;
	}

	#toEnd() {
		this.#follow = true;
		this.jump.hidden = true;
		this.#settle();
	}
}
customElements.define("message-list", MessageList);
