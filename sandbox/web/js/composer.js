import { postMessage } from "./api.js";
import { pictureCommand } from "./commands.js";
import { displayName, el, icon } from "./dom.js";
import { CommandForm } from "./form.js";
import "./palette.js";
import { store } from "./store.js";
import { filePicker, takeFiles } from "./upload.js";

const TYPING_SHOWN = 9000; // milliseconds; Discord repeats the event every ten seconds while it lasts
const TALLEST_BOX = 200; // CSS pixels before the message box scrolls

/** The bottom of the page: a message box that becomes a form once a command is chosen. */
class ChatComposer extends HTMLElement {
	#form = null;
	#typing = 0;

	connectedCallback() {
		this.palette = document.createElement("command-palette");
		this.input = el("textarea", { id: "composer-input", rows: "1", maxlength: "2000", autocomplete: "off" });
		const picker = filePicker((file) => this.#take(file));
		const attach = el("button.round", { "aria-label": "Choose a picture to expand", click: () => picker.click() }, icon("plus"));
		const send = el("button", { type: "submit", class: "round", "aria-label": "Send message" }, icon("send"));
		this.box = el("form.box", attach, picker, this.input, send);
		this.error = el("p.failure", { role: "alert" });
		this.status = el("p.typing", { role: "status" });
		this.append(this.palette, this.box, this.error, this.status);
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

	#listen() {
		this.input.addEventListener("input", () => this.#typed());
		this.input.addEventListener("keydown", (event) => this.#key(event));
		this.input.addEventListener("blur", () => this.palette.close());
		this.input.addEventListener("focus", () => this.input.value.startsWith("/") && this.palette.filter(this.input.value));
		this.box.addEventListener("submit", (event) => (event.preventDefault(), this.#send()));
		store.on("reset channel", () => this.#renamed());
		store.on("commands", () => this.palette.hidden || this.palette.filter(this.input.value));
		store.on("typing", ({ detail }) => this.#somebodyTypes(detail));
		takeFiles((file) => this.#take(file));
	}

	#renamed() {
		const name = store.channels.get(store.channelId)?.name ?? "";
		this.input.placeholder = `Message #${name} or type /`;
		this.input.setAttribute("aria-label", `Message #${name}`);
		this.error.textContent = "";
	}

	#typed() {
		this.error.textContent = "";
		const entry = this.palette.exact(this.input.value);
		if (entry) return this.open(entry);
		this.palette.filter(this.input.value);
		this.input.style.height = "auto";
		this.input.style.height = `${Math.min(TALLEST_BOX, this.input.scrollHeight)}px`;
		return undefined;
	}

	#key(event) {
		if (this.palette.key(event)) return;
		if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
		event.preventDefault();
		this.#send();
	}

	async #send() {
		const content = this.input.value.trim();
		if (!content) return;
		if (content.startsWith("/")) return void this.palette.filter(this.input.value);
		this.#clear();
		await postMessage(store.channelId, content).catch((problem) => {
			this.input.value ||= content;
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

	#take(file) {
		if (document.querySelector("dialog[open]")) return;
		if (this.#form?.take(file)) return;
		const entry = pictureCommand(store.commands);
		if (!entry) return void (this.error.textContent = "No command takes a picture yet: Expanse is not online.");
		this.open(entry);
		this.#form.take(file);
	}

	#somebodyTypes({ user_id: id, channel_id: channelId }) {
		if (channelId !== store.channelId || id === store.me.id) return;
		clearTimeout(this.#typing);
		this.status.textContent = `${displayName(store.users.get(id) ?? {})} is typing…`;
		this.#typing = setTimeout(() => (this.status.textContent = ""), TYPING_SHOWN);
	}
}
customElements.define("chat-composer", ChatComposer);
