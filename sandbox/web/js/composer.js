import { described, postForm, request } from "./api.js";
import { displayName, el, round } from "./dom.js";
import { takeFiles } from "./drop.js";
import { actions, commandForm, menus } from "./lazy.js";
import { CAN, DIRECT, store } from "./store.js";

const TYPING_SHOWN = 9000; // milliseconds; Discord repeats the event every ten seconds while somebody types
const TYPING_SAID = 8000; // milliseconds between two own typing events
const TALLEST_BOX = 200; // CSS pixels above which the message box scrolls

/** The bottom of the page: a message box that becomes a form when a command is chosen. */
class ChatComposer extends HTMLElement {
	#form = null;
	#palette = null;
	#typing = 0;
	#said = 0;
	#replyTo = null;
	#file = null;
	#typist = null;

	connectedCallback() {
		this.input = el("textarea", {
			id: "composer-input",
			rows: "1",
			maxlength: "2000",
			autocomplete: "off",
			input: () => this.#typed(),
			keydown: (event) => this.#key(event),
			blur: () => this.#palette?.close(),
			focus: () => this.#suggest(),
		});
		const choose = () =>
			menus(({ openAttach }) => openAttach(attach, (file) => this.#take(file), (file) => this.#attach(file)));
		const attach = round("plus", "Add a picture", choose, { "aria-haspopup": "menu", "aria-expanded": "false" });
		const send = round("send", "Send message", null, { type: "submit" });
		this.box = el("form.box", { submit: (event) => (event.preventDefault(), this.#send()) }, attach, this.input, send);
		this.strip = el("div.strip", { hidden: true });
		this.error = el("p.failure", { role: "alert" });
		this.status = el("p.typing", { role: "status" });
		this.append(this.strip, this.box, this.error, this.status);
		store.on("reset channel channels", () => this.#renamed());
		store.on("problem", ({ text }) => (this.error.textContent = text));
		store.on("commands", () => this.#palette?.open && this.#suggest());
		store.on("typing", (detail) => this.#somebodyTypes(detail));
		store.on("message", ({ id, channelId, created, removed }) => {
			if (removed && id === this.#replyTo?.id) this.#carry(null, this.#file);
			if (created && store.find(id, channelId)?.author.id === this.#typist) this.status.textContent = "";
		});
		takeFiles((file) => this.#take(file));
	}

	/** Show a command's form with these values by option name; `then` gets the form. */
	open(entry, values = new Map(), then = () => {}) {
		commandForm(({ CommandForm }) => {
			this.#close();
			this.#form = new CommandForm(entry, { values, done: () => (this.#close(), this.input.focus()) });
			this.strip.before(this.#form.node);
			this.box.hidden = true;
			this.#clear();
			this.#form.focus();
			then(this.#form);
		});
	}

	reply(message) {
		this.#close();
		this.#carry(message, this.#file);
		this.input.focus();
	}

	insert(text) {
		this.#close();
		this.input.setRangeText(text, this.input.selectionStart, this.input.selectionEnd, "end");
		this.input.focus();
	}

	#attach(file) {
		this.#close();
		this.#carry(this.#replyTo, file);
		this.input.focus();
	}

	/** Set the reply target and file of the next message; each can be removed again. */
	#carry(replyTo, file) {
		this.#replyTo = replyTo;
		this.#file = file;
		this.strip.hidden = !replyTo && !file;
		const leave = (...left) => (this.#carry(...left), this.input.focus());
		if (!this.strip.hidden) menus(({ carried }) => this.strip.replaceChildren(...carried(replyTo, file, leave)));
	}

	#renamed() {
		const name = `${store.channel?.type === DIRECT ? "@" : "#"}${store.nameOf(store.channel)}`;
		this.input.placeholder = `Message ${name} or type /`;
		this.input.ariaLabel = `Message ${name}`;
		this.input.disabled = !store.may(CAN.send);
		if (this.channelId === store.channelId) return;
		this.channelId = store.channelId;
		this.error.textContent = "";
		this.#carry(null, null);
	}

	#typed() {
		const { value, style } = this.input;
		this.error.textContent = "";
		if (value && !value.startsWith("/") && Date.now() - this.#said > TYPING_SAID) {
			this.#said = Date.now();
			request("POST", `channels/${store.channelId}/typing`).catch(() => null);
		}
		style.height = "auto";
		style.height = `${Math.min(TALLEST_BOX, this.input.scrollHeight)}px`;
		this.#suggest(true);
	}

	/** List the commands that match the box's text; a whole name and a space open the form. */
	#suggest(typed = false) {
		if (!this.input.value.startsWith("/")) return void this.#palette?.close();
		commandForm(({ CommandPalette, exactly }) => {
			if (!this.#palette) {
				this.append((this.#palette = new CommandPalette(this.input, (entry) => this.open(entry))).node);
			}
			const entry = typed && exactly(this.input.value);
			if (entry) this.open(entry);
			else if (document.activeElement === this.input) this.#palette.filter(this.input.value);
		});
	}

	#key(event) {
		const { key } = event;
		if (this.#palette?.key(event)) return;
		if (key === "Escape" && !this.strip.hidden) event.stopPropagation(), this.#carry(null, null);
		else if (key === "ArrowUp" && !this.input.value) {
			[...document.querySelectorAll(".rows chat-message")].findLast((node) => node.message)?.focus();
		} else if (key === "Enter" && !event.shiftKey && !event.isComposing) this.#send();
		else return;
		event.preventDefault();
	}

	async #send() {
		const content = this.input.value.trim();
		const [replyTo, file] = [this.#replyTo, this.#file];
		if (!content && !file) return;
		if (content.startsWith("/")) return this.#suggest();
		this.#said = 0;
		this.#carry(null, null);
		this.#clear();
		const files = file ? [file] : [];
		const payload = {
			channel_id: store.channelId,
			content,
			attachments: described(files),
			...(replyTo && { message_reference: { message_id: replyTo.id } }),
		};
		await postForm("messages", payload, files).catch((problem) => {
			this.input.value ||= content;
			this.#carry(this.#replyTo ?? replyTo, this.#file ?? file);
			this.error.textContent = problem.message;
		});
	}

	#clear() {
		this.input.value = "";
		this.input.style.height = "";
		this.#palette?.close();
	}

	#close() {
		this.#form?.node.remove();
		this.#form = null;
		this.box.hidden = false;
	}

	/** Put a dropped, pasted or chosen picture into the open form or a new one. */
	#take(file) {
		if (document.querySelector("dialog[open]") || this.#form?.take(file)) return;
		actions(({ pictureCommand }) => {
			const entry = pictureCommand();
			if (!entry || !file.type.startsWith("image/")) return this.#attach(file);
			return this.open(entry, new Map(), (form) => {
				form.take(file);
				form.offer("Post it without a command", () => this.#attach(file));
			});
		});
	}

	#somebodyTypes({ user_id: id, channel_id: channelId }) {
		if (channelId !== store.channelId || id === store.me.id) return;
		clearTimeout(this.#typing);
		this.status.textContent = `${displayName(store.guild.users.get(id) ?? {})} is typing…`;
		this.#typing = setTimeout(() => (this.status.textContent = ""), TYPING_SHOWN);
		this.#typist = id;
	}
}
customElements.define("chat-composer", ChatComposer);
