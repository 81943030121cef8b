import { el, icon } from "./dom.js";
import { closeMenu } from "./menu.js";
import { groups } from "./message.js";
import { mayReply, messageTools, openMessageMenu, pickReaction, reply } from "./message_menu.js";
import { store } from "./store.js";
import { dayOf } from "./time.js";
import { welcome } from "./welcome.js";

const NEAR = 80; // pixels from the end within which the list follows what comes
const EARLY = 500; // pixels from the top at which older messages are fetched
const OWN = 1200; // milliseconds after a wheel turn, touch or key within which scrolling is the reader's
const FARTHEST_BACK = 40; // answers of the history to go through for a message that is wanted

/** The messages of the open channel, oldest first; it follows the newest unless the reader scrolled up. */
class MessageList extends HTMLElement {
	#shown = new Map();
	#follow = true;
	#reading = false;
	#touched = -OWN;

	connectedCallback() {
		this.log = el("div.log", { role: "log", "aria-label": "Messages", tabindex: "0" });
		this.start = el("div.start");
		this.rows = el("div.rows");
		this.waiting = el("div.rows");
		this.tools = el("div.tools", { hidden: true });
		this.log.append(el("div.fill"), this.start, this.rows, this.waiting, this.tools);
		this.jump = el("button.jump", { hidden: true, click: () => this.#toEnd() }, "Jump to the newest ", icon("down"));
		this.append(this.log, this.jump);
		const watch = new ResizeObserver(() => this.#settle());
		for (const part of [this.log, this.start, this.rows, this.waiting]) watch.observe(part);
		store.on("reset channel", () => this.#rebuild());
		store.on("older", ({ detail }) => detail.channelId === store.channelId && this.#prepend());
		store.on("message", ({ detail }) => this.#changed(detail));
		store.on("pending", () => this.#drawWaiting());
		store.on("commands bot", () => this.#drawStart());
		store.on("wanted", () => this.#seek());
		this.#listen();
	}

	#listen() {
		this.log.addEventListener("scroll", () => this.#scrolled(), { passive: true });
		for (const sign of ["wheel", "touchmove", "pointerdown", "keydown"]) this.log.addEventListener(sign, () => (this.#touched = performance.now()), { passive: true });
		this.log.addEventListener("contextmenu", (event) => this.#menu(event));
		this.log.addEventListener("keydown", (event) => this.#key(event));
		this.log.addEventListener("pointerover", ({ target }) => this.#hover(target.closest("chat-message"), target));
		this.addEventListener("pointerleave", () => (this.tools.hidden = true));
	}

	#rebuild() {
		this.#shown.clear();
		this.rows.replaceChildren();
		this.tools.hidden = true;
		this.#drawStart();
		let before = null;
		for (const message of store.visible()) {
			this.rows.append(...this.#rowsOf(message, before));
			before = message;
		}
		this.#drawWaiting();
		this.#toEnd();
		// a channel that came into sight with a single message has more above it
		if (this.log.scrollHeight <= this.log.clientHeight && before) store.readBack(store.channelId).catch(() => null);
	}

	/** A message's node, with the day above it where a new one begins. */
	#rowsOf(message, before) {
		const node = document.createElement("chat-message");
		this.#shown.set(message.id, node);
		node.show(message, groups(before, message));
		if (before && dayOf(before.timestamp) === dayOf(message.timestamp)) return [node];
		const day = dayOf(message.timestamp);
		return [el("div.day", { role: "separator", "data-day": day }, el("span", day)), node];
	}

	/** Put older messages above without moving what is being read. */
	#prepend() {
		const anchor = this.rows.querySelector("chat-message");
		const before = anchor?.getBoundingClientRect().top ?? 0;
		const made = [];
		let previous = null;
		for (const message of store.visible()) {
			if (this.#shown.has(message.id)) break;
			made.push(...this.#rowsOf(message, previous));
			previous = message;
		}
		this.log.classList.add("held"); // the browser's own anchoring would move it a second time
		const day = this.rows.querySelector(".day");
		if (previous && day?.dataset.day === dayOf(previous.timestamp)) day.remove();
		this.rows.prepend(...made);
		if (anchor && previous) anchor.show(anchor.message, groups(previous, anchor.message));
		this.#drawStart();
		if (anchor) this.log.scrollTop += anchor.getBoundingClientRect().top - before;
		requestAnimationFrame(() => this.log.classList.remove("held"));
	}

	#changed({ id, channelId, created, removed }) {
		if (channelId && channelId !== store.channelId) return;
		const node = this.#shown.get(id);
		if (removed) return this.#remove(id, node);
		const all = store.visible();
		const at = all.findLastIndex((message) => message.id === id);
		if (at < 0) return;
		if (created) {
			this.rows.append(...this.#rowsOf(all[at], all[at - 1]));
			if (all[at].author.id === store.me.id) this.#setFollow(true);
			this.#trim(all[0]?.id);
		} else node?.show(all[at], groups(all[at - 1], all[at]));
		if (all.length === 1) this.#drawStart();
		this.#settle();
	}

	#remove(id, node) {
		if (!node) return;
		const all = store.visible();
		const held = node.contains(document.activeElement);
		const next = node.nextElementSibling;
		const alone = node.previousElementSibling?.matches(".day") && !next?.matches("chat-message");
		if (alone) node.previousElementSibling.remove();
		node.remove();
		this.#shown.delete(id);
		this.tools.hidden = true;
		const at = next?.message ? all.findIndex((message) => message.id === next.message.id) : -1;
		if (at >= 0) next.show(all[at], groups(all[at - 1], all[at]));
		if (held) this.log.focus({ preventScroll: true });
		if (!all.length) this.#drawStart();
		this.#settle();
	}

	/** Let go of rows whose messages the store has let go of. */
	#trim(first) {
		for (let node = this.rows.firstElementChild; node && node.dataset.id !== first; node = this.rows.firstElementChild) {
			if (node.matches(".day") && node.nextElementSibling?.dataset.id === first) break;
			this.#shown.delete(node.dataset.id);
			node.remove();
		}
	}

	#drawStart() {
		this.start.hidden = !store.whole.has(store.channelId) && store.visible().length > 0;
		if (!this.start.hidden) this.start.replaceChildren(...welcome());
	}

	#drawWaiting() {
		const nodes = store.waiting().map((entry) => {
			const node = document.createElement("chat-message");
			node.wait(entry);
			return node;
		});
		if (nodes.length > this.waiting.childElementCount) this.#setFollow(true);
		this.waiting.replaceChildren(...nodes);
		this.#settle();
	}

	/** Follow or not; rows that grow as they are first drawn scroll the list too, and mean nothing. */
	#scrolled() {
		const { scrollHeight, scrollTop, clientHeight } = this.log;
		const near = scrollHeight - scrollTop - clientHeight < NEAR;
		const own = performance.now() - this.#touched < OWN || this.log.matches(":active");
		if (near) this.#setFollow(true);
		else if (own) this.#setFollow(false);
		this.jump.hidden = this.#follow;
		if (own) closeMenu();
		if (scrollTop < EARLY) this.#readBack();
	}

	async #readBack() {
		if (this.#reading || this.#follow) return;
		this.#reading = true;
		await store.readBack(store.channelId).catch(() => null); // the next scroll tries again
		this.#reading = false;
	}

	/** Bring a wanted message into view, reading back until it is here. */
	async #seek() {
		const { channelId, id } = store.wanted ?? {};
		for (let turn = 0; turn < FARTHEST_BACK && !this.#shown.has(id); turn += 1) {
			if (channelId !== store.channelId || !(await store.readBack(channelId).catch(() => false))) break;
		}
		store.wanted = null;
		const node = this.#shown.get(id);
		if (!node) return;
		this.#setFollow(false);
		node.scrollIntoView({ block: "center" });
		node.focus({ preventScroll: true });
		node.classList.add("wanted");
		setTimeout(() => node.classList.remove("wanted"), 2000);
	}

	#hover(node, target) {
		if (this.tools.contains(target)) return;
		this.tools.hidden = !node?.message;
		if (this.tools.hidden || this.tools.owner === node) return;
		this.tools.owner = node;
		this.tools.replaceChildren(...messageTools(node, node.message));
		this.tools.style.top = `${node.getBoundingClientRect().top - this.log.getBoundingClientRect().top + this.log.scrollTop}px`;
	}

	#menu(event) {
		const node = event.target.closest("chat-message");
		if (!node?.message || String(getSelection()) || event.target.closest("input, textarea")) return;
		event.preventDefault();
		const { clientX: left, clientY: top } = event;
		const byKey = !left && !top;
		openMessageMenu(node, node.message, byKey ? node.getBoundingClientRect() : { left, top, bottom: top });
	}

	#key(event) {
		const node = event.target.closest("chat-message");
		const own = event.target === node || event.target === this.log;
		const menu = event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey);
		if (node?.message && (menu || (own && event.key === "Enter"))) {
			event.preventDefault();
			const { left, top } = node.getBoundingClientRect();
			return openMessageMenu(node, node.message, { left: left + 60, top: Math.max(top, 60), bottom: Math.max(top, 60) + 20 });
		}
		if (!own || event.ctrlKey || event.metaKey || event.altKey) return undefined;
		const all = [...this.rows.querySelectorAll("chat-message")];
		const at = all.indexOf(node);
		const to = { ArrowUp: at < 0 ? all.length - 1 : Math.max(0, at - 1), ArrowDown: at < 0 ? all.length - 1 : at + 1 }[event.key];
		if (to !== undefined) {
			event.preventDefault();
			return (all[to] ?? document.querySelector("#composer-input")).focus();
		}
		if (event.key === "Escape") return document.querySelector("#composer-input").focus();
		if (node && event.key === "r" && mayReply(node.message)) return event.preventDefault(), reply(node.message);
		if (node && event.key === "+") return event.preventDefault(), pickReaction(node, node.message, node.getBoundingClientRect());
		return undefined;
	}

	#setFollow(follow) {
		this.#follow = store.following = follow;
	}

	#settle() {
		this.tools.hidden = true;
		this.tools.owner = null;
		if (this.#follow) this.log.scrollTop = this.log.scrollHeight;
		else this.jump.hidden = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR;
	}

	#toEnd() {
		this.#setFollow(true);
		this.jump.hidden = true;
		this.#settle();
	}
}
customElements.define("message-list", MessageList);
