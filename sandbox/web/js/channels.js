import { el, icon } from "./dom.js";
import { store } from "./store.js";

const TEXT = 0; // channel type, as in Discord's reference

class GuildHeader extends HTMLElement {
	connectedCallback() {
		store.on("reset", () => this.replaceChildren(
			el("img.guild-mark", { src: "/web/art/expanse.svg", alt: "" }), el("strong", store.guild.name)));
	}
}
customElements.define("guild-header", GuildHeader);

class ChannelList extends HTMLElement {
	connectedCallback() {
		store.on("reset channel", () => this.#draw());
		store.on("message", ({ detail }) => this.#mark(detail));
		this.unread = new Set();
	}

	#mark({ created, channelId }) {
		if (!created || channelId === store.channelId) return;
		this.unread.add(channelId);
		this.#draw();
	}

	#draw() {
		this.unread.delete(store.channelId);
		const held = this.contains(document.activeElement);
		const rows = [...store.channels.values()].filter((channel) => channel.type === TEXT).map((channel) => this.#row(channel));
		this.replaceChildren(el("h2", { id: "channels-title" }, "Text channels"), el("ul", { "aria-labelledby": "channels-title" }, rows));
		if (held) this.querySelector("[aria-current]")?.focus();
	}

	#row(channel) {
		const open = channel.id === store.channelId;
		const unread = this.unread.has(channel.id);
		const pick = () => (store.openChannel(channel.id), document.body.classList.remove("drawer"));
		return el("li", el("button", { class: unread ? "unread" : null, "aria-current": open ? "page" : null, click: pick },
			icon("hash"), el("span", channel.name), unread ? el("span.new", "new") : null));
	}
}
customElements.define("channel-list", ChannelList);

class ChannelBar extends HTMLElement {
	connectedCallback() {
		const drawer = () => toggleDrawer(true);
		this.name = el("h1");
		this.topic = el("p.topic");
		this.theme = el("button.round", { click: () => this.#turnTheme() });
		this.append(
			el("button.round.only-narrow", { "aria-label": "Show channels", "aria-controls": "side", click: drawer }, icon("menu")),
			el("span.bar-hash", icon("hash")), this.name, this.topic, this.theme);
		store.on("reset channel", () => this.#draw());
		this.#drawTheme();
		matchMedia("(prefers-color-scheme: light)").addEventListener("change", () => this.#drawTheme());
	}

	#draw() {
		const channel = store.channels.get(store.channelId);
		this.name.textContent = channel?.name ?? "";
		this.topic.textContent = channel?.topic ?? "";
		document.title = channel ? `#${channel.name} · ${store.guild.name}` : "Expanse sandbox";
	}

	#light() {
		const chosen = document.documentElement.dataset.theme;
		return chosen ? chosen === "light" : matchMedia("(prefers-color-scheme: light)").matches;
	}

	#drawTheme() {
		const light = this.#light();
		this.theme.setAttribute("aria-label", light ? "Change to the dark theme" : "Change to the light theme");
		this.theme.replaceChildren(icon(light ? "moon" : "sun"));
	}

	#turnTheme() {
		const theme = this.#light() ? "dark" : "light";
		document.documentElement.dataset.theme = theme;
		localStorage.setItem("expanse.theme", theme);
		this.#drawTheme();
	}
}
customElements.define("channel-bar", ChannelBar);

/** Open or close the channel drawer of a narrow window. */
export function toggleDrawer(open) {
	document.body.classList.toggle("drawer", open);
	if (open) document.querySelector("channel-list [aria-current]")?.focus();
}

class ConnectionNote extends HTMLElement {
	connectedCallback() {
		this.setAttribute("role", "status");
		store.on("connection bot reset", () => this.#draw());
	}

	#draw() {
		const lost = store.connection === "lost";
		const asleep = !lost && store.me !== null && !store.bot.online;
		this.className = lost ? "lost" : "";
		this.textContent = lost ? "Connection lost. Trying again…" : asleep ? "Expanse is not online yet." : "";
	}
}
customElements.define("connection-note", ConnectionNote);
