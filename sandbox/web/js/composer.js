import { postMessage, sayTyping } from "./api.js";
import { pictureCommand } from "./commands.js";
import { displayName, el, icon } from "./dom.js";
import { CommandForm } from "./form.js";
import { openMenu } from "./menu.js";
import "./palette.js";
import { CAN, DIRECT, store } from "./store.js";
import { filePicker, takeFiles } from "./upload.js";

const TYPING_SHOWN = 9000; // milliseconds; Discord repeats the event every ten seconds while it lasts
const TYPING_SAID = 8000; // milliseconds between two of one's own
const TALLEST_BOX = 200; // CSS pixels before the message box scrolls

/** The bottom of the page: a message box that becomes a form once a command is chosen. */
class ChatComposer extends HTMLElement {
	#form = null;
	#typing = 0;
	#said = 0;
	#replyTo = null;
	#file = null;

	connectedCallback() {
		this.palette = document.createElement("command-palette");
		this.input = el("textarea", { id: "composer-input", rows: "1", maxlength: "2000", autocomplete: "off" });
		const picker = filePicker((file) => this.#taking(file));
		const choose = (taking) => () => ((this.#taking = taking), picker.click());
		const attach = el("button.round", { "aria-label": "Add a picture", "aria-haspopup": "menu", click: ({ currentTarget }) => openMenu("Add a picture", [
			{ label: "Expand a picture", icon: "spark", run: choose((file) => this.#take(file)) },
			store.may(CAN.attach) && { label: "Post a file", icon: "image", run: choose((file) => this.#attach(file)) },
		], currentTarget.getBoundingClientRect()) }, icon("plus"));
		this.strip = el("div.strip", { hidden: true });
		const send = el("button", { type: "submit", class: "round", "aria-label": "Send message" }, icon("send"));
		this.box = el("form.box", attach, picker, this.input, send);
		this.error = el("p.failure", { role: "alert" });
		this.status = el("p.typing", { role: "status" });
		this.append(this.palette, this.strip, this.box, this.error, this.status);
		this.palette.serve(this.input, (entry) => this.open(entry));
		this.#listen();
	}

	/** Show a command's form, filled with these values by option name. */
	open(entry, values = new Map()) {
		if (!entry) return;
		this.#close();
		this.#form = new CommandForm(entry, { values, done: () => this.#back() });
		this.palette.after(this.#form.node);
		this.box.hidden = true;
		this.#clear();
		this.#form.focus();
	}

	#taking = (file) => this.#take(file);

	/** Answer a message: what is sent next names it. */
	reply(message) {
		if (this.#form) this.#close();
		this.#replyTo = message;
		this.#drawStrip();
		this.input.focus();
	}

	/** Put text where the cursor is. */
	insert(text) {
		if (this.#form) this.#close();
		this.input.setRangeText(text, this.input.selectionStart, this.input.selectionEnd, "end");
		this.input.focus();
	}

	#attach(file) {
		this.#file = file;
		this.#drawStrip();
		this.input.focus();
	}

	/** What the next message carries: whom it answers, which file. Each can be taken away again. */
	#drawStrip() {
		const chip = (label, name, drop) => el("span.strip-part", label, el("button.round", { "aria-label": name, click: () => (drop(), this.#drawStrip(), this.input.focus()) }, icon("close")));
		const parts = [
			this.#replyTo && chip(el("span", "Replying to ", el("strong", displayName(store.users.get(this.#replyTo.author.id) ?? this.#replyTo.author))), "Do not reply", () => (this.#replyTo = null)),
			this.#file && chip(el("span", icon("image"), " ", el("strong", this.#file.name)), "Do not post the file", () => (this.#file = null)),
		].filter(Boolean);
		this.strip.replaceChildren(...parts);
		this.strip.hidden = !parts.length;
	}

	#listen() {
		this.input.addEventListener("input", () => this.#typed());
		this.input.addEventListener("keydown", (event) => this.#key(event));
		this.input.addEventListener("blur", () => this.palette.close());
		this.input.addEventListener("focus", () => this.input.value.startsWith("/") && this.palette.filter(this.input.value));
		this.box.addEventListener("submit", (event) => (event.preventDefault(), this.#send()));
		store.on("reset channel channels", () => this.#renamed());
		store.on("message", ({ detail }) => detail.removed && detail.id === this.#replyTo?.id && ((this.#replyTo = null), this.#drawStrip()));
		store.on("problem", ({ detail }) => (this.error.textContent = detail.text));
		store.on("commands", () => this.palette.hidden || this.palette.filter(this.input.value));
		store.on("typing", ({ detail }) => this.#somebodyTypes(detail));
		store.on("message", ({ detail }) => {
			const sent = detail.created && store.find(detail.id, detail.channelId)?.author.id === this.typist;
			if (sent) this.status.textContent = "";
		});
		takeFiles((file) => this.#take(file));
	}

	#renamed() {
		const channel = store.channels.get(store.channelId);
		const name = `${channel?.type === DIRECT ? "@" : "#"}${store.nameOf(channel)}`;
		this.input.placeholder = `Message ${name} or type /`;
		this.input.setAttribute("aria-label", `Message ${name}`);
		this.input.disabled = store.channelId !== null && !store.may(CAN.send);
		if (this.channelId === store.channelId) return;
		this.channelId = store.channelId;
		this.error.textContent = "";
		this.#replyTo = this.#file = null;
		this.#drawStrip();
	}

	#typed() {
		this.error.textContent = "";
		const entry = this.palette.exact(this.input.value);
		if (entry) return this.open(entry);
		this.palette.filter(this.input.value);
		if (this.input.value && !this.input.value.startsWith("/") && Date.now() - this.#said > TYPING_SAID) {
			this.#said = Date.now();
			sayTyping(store.channelId);
		}
		this.input.style.height = "auto";
		this.input.style.height = `${Math.min(TALLEST_BOX, this.input.scrollHeight)}px`;
		return undefined;
	}

	#key(event) {
		if (this.palette.key(event)) return;
		if (event.key === "Escape" && !this.strip.hidden) return event.stopPropagation(), (this.#replyTo = this.#file = null), this.#drawStrip();
		if (event.key === "ArrowUp" && !this.input.value) return event.preventDefault(), [...document.querySelectorAll(".rows chat-message")].findLast((node) => node.message)?.focus();
		if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
		event.preventDefault();
		this.#send();
	}

	async #send() {
		const content = this.input.value.trim();
		if (!content && !this.#file) return;
		if (content.startsWith("/")) return void this.palette.filter(this.input.value);
		const [replyTo, file] = [this.#replyTo, this.#file];
		this.#replyTo = this.#file = null;
		this.#said = 0;
		this.#drawStrip();
		this.#clear();
		await postMessage(store.channelId, content, { files: file ? [file] : [], replyTo: replyTo?.id }).catch((problem) => {
			this.input.value ||= content;
			this.#replyTo ??= replyTo;
			this.#file ??= file;
			this.#drawStrip();
			this.error.textContent = problem.message;
		});
	}

	#clear() {
		this.input.value = "";
		this.input.style.height = "";
		this.palette.close();
	}

	#close() {
		this.#form?.node.remove();
		this.#form = null;
		this.box.hidden = false;
	}

	#back() {
		this.#close();
		this.input.focus();
	}

	/** Take a picture that was dropped, pasted or chosen: into the open form, or into the command for pictures. */
	#take(file) {
		if (document.querySelector("dialog[open]")) return;
		if (this.#form?.take(file)) return;
		const entry = pictureCommand(store.offered);
		if (!entry || !file.type.startsWith("image/")) return this.#attach(file);
		this.open(entry);
		this.#form.take(file);
		this.#form.offer("Post it without a command", () => (this.#close(), this.#attach(file)));
		return undefined;
	}

	#somebodyTypes({ user_id: id, channel_id: channelId }) {
		if (channelId !== store.channelId || id === store.me.id) return;
		clearTimeout(this.#typing);
		this.status.textContent = `${displayName(store.users.get(id) ?? {})} is typing…`;
		this.#typing = setTimeout(() => (this.status.textContent = ""), TYPING_SHOWN);
		this.typist = id;
	}
}
customElements.define("chat-composer", ChatComposer);
