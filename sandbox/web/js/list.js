import { el, icon } from "./dom.js";
import { menus } from "./lazy.js";
import { groups } from "./message.js";
import { store } from "./store.js";
import { dayOf } from "./time.js";
import { welcome } from "./welcome.js";

const NEAR = 80; // pixels from the end within which the list follows new messages
const EARLY = 500; // pixels from the top at which older messages are fetched
const OWN = 1200; // milliseconds after a wheel turn, touch or key within which scrolling counts as the reader's
const FARTHEST_BACK = 40; // pages of history to read for a wanted message

/** The open channel's messages, oldest first; it follows the newest unless the reader scrolled up. */
class MessageList extends HTMLElement {
	#shown = new Map();
	#reading = false;
	#touched = -OWN;

	connectedCallback() {
		this.log = el("div.log", { role: "log", "aria-label": "Messages", tabindex: "0" });
		[this.start, this.rows, this.waiting] = ["div.start", "div.rows", "div.rows"].map((kind) => el(kind));
		this.tools = el("div.tools", { hidden: true });
		this.log.append(el("div.fill"), this.start, this.rows, this.waiting, this.tools);
		this.jump = el(
			"button.jump",
			{ hidden: true, click: () => ((store.following = true), this.#settle()) },
			"Jump to the newest ",
			icon("down"),
		);
		this.append(this.log, this.jump);
		const watch = new ResizeObserver(() => this.#settle());
		for (const part of [this.log, this.start, this.rows, this.waiting]) watch.observe(part);
		store.on("reset channel", () => this.#enter());
		store.on("older", ({ channelId }) => channelId === store.channelId && this.#prepend());
		store.on("message", (change) => this.#changed(change));
		store.on("pending", () => this.#drawWaiting());
		store.on("commands bot", () => this.start.replaceChildren(...welcome()));
		store.on("wanted", () => this.#seek());
		this.#listen();
	}

	#listen() {
		const on = (signs, run, passive) =>
			signs.split(" ").forEach((sign) => this.log.addEventListener(sign, run, { passive }));
		on("wheel touchmove pointerdown keydown", () => (this.#touched = performance.now()), true);
		on("wheel touchmove", () => menus(({ closeMenu }) => closeMenu(), true), true);
		on("scroll", () => this.#scrolled(), true);
		on("contextmenu", (event) => this.#menu(event));
		on("keydown", (event) => menus(({ rowKey }) => rowKey(event, this.rows)));
		on("pointerover", ({ target }) => menus(({ showTools }) => showTools(this.tools, target), true));
		this.addEventListener("pointerleave", () => (this.tools.hidden = true));
	}

	#menu(event) {
		const node = event.target.closest("chat-message");
		if (!node?.message || String(getSelection()) || event.target.closest("input, textarea")) return;
		event.preventDefault();
		menus(({ openMessageMenu }) => openMessageMenu(node, event));
	}

	#enter() {
		store.following = true;
		this.start.replaceChildren(...welcome());
		this.#draw();
		this.#drawWaiting();
		// a newly visible channel with a single message has older ones
		if (this.log.scrollHeight <= this.log.clientHeight && this.#shown.size) {
			store.readBack(store.channelId).catch(() => null);
		}
	}

	/** Update the rows from the store; existing rows stay, and are redrawn only where they changed. */
	#draw() {
		const held = this.rows.contains(document.activeElement);
		const next = new Map();
		const all = store.visible;
		all.forEach((message, at) => {
			const day = dayOf(message.timestamp);
			const grouped = groups(all[at - 1], message);
			const node = this.#shown.get(message.id) ?? document.createElement("chat-message");
			if (node.message !== message || node.grouped !== grouped) node.show(message, grouped);
			if (!next.has(day)) next.set(day, this.#shown.get(day) ?? el("div.day", { role: "separator" }, el("span", day)));
			next.set(message.id, node);
		});
		for (const [key, node] of this.#shown) if (!next.has(key)) node.remove();
		let after = this.rows.firstChild;
		for (const node of next.values()) {
			if (node === after) after = after.nextSibling;
			else this.rows.insertBefore(node, after);
		}
		this.#shown = next;
		if (held && !this.rows.contains(document.activeElement)) this.log.focus({ preventScroll: true });
		this.start.hidden = !store.whole.has(store.channelId) && next.size > 0;
		this.#settle();
	}

	/** Insert older messages at the top without moving what is being read. */
	#prepend() {
		const top = () => anchor?.getBoundingClientRect().top ?? 0;
		const anchor = this.rows.querySelector("chat-message");
		const before = top();
		this.log.classList.add("held"); // otherwise the browser's scroll anchoring would move it again
		this.#draw();
		this.log.scrollTop += top() - before;
		requestAnimationFrame(() => this.log.classList.remove("held"));
	}

	#changed({ id, channelId, created }) {
		if (channelId !== store.channelId) return;
		if (created && store.find(id).author.id === store.me.id) store.following = true;
		this.#draw();
	}

	#drawWaiting() {
		const waiting = store.waiting.filter(({ row, channelId }) => row && channelId === store.channelId);
		if (waiting.length > this.waiting.childElementCount) store.following = true;
		this.waiting.replaceChildren(...waiting.map(() => document.createElement("chat-message")));
		waiting.forEach((entry, at) => this.waiting.children[at].wait(entry));
		this.#settle();
	}

	get #near() {
		const { scrollHeight, scrollTop, clientHeight } = this.log;
		return scrollHeight - scrollTop - clientHeight < NEAR;
	}

	/** Follow the end or not; scrolling caused by rows that grow when first drawn is ignored. */
	#scrolled() {
		const own = performance.now() - this.#touched < OWN || this.log.matches(":active");
		if (this.#near) store.following = true;
		else if (own) store.following = false;
		this.jump.hidden = store.following;
		if (this.log.scrollTop < EARLY) this.#readBack();
	}

	async #readBack() {
		if (this.#reading || store.following) return;
		this.#reading = true;
		await store.readBack(store.channelId).catch(() => null); // the next scroll tries again
		this.#reading = false;
	}

	/** Scroll to a wanted message, reading older ones until it is loaded. */
	async #seek() {
		const { channelId, id } = store.wanted ?? {};
		for (let turn = 0; turn < FARTHEST_BACK && !this.#shown.has(id); turn += 1) {
			if (channelId !== store.channelId || !(await store.readBack(channelId).catch(() => false))) break;
		}
		store.wanted = null;
		const node = this.#shown.get(id);
		if (!node) return;
		store.following = false;
		node.scrollIntoView({ block: "center" });
		node.focus({ preventScroll: true });
		node.classList.add("wanted");
		setTimeout(() => node.classList.remove("wanted"), 2000);
	}

	#settle() {
		this.tools.hidden = true;
		this.tools.owner = null;
		if (store.following) this.log.scrollTop = this.log.scrollHeight;
		this.jump.hidden = store.following || this.#near;
	}
}
customElements.define("message-list", MessageList);
