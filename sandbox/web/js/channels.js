import { avatar, el, icon } from "./dom.js";
import { DIRECT, store, THREAD } from "./store.js";

const TEXT = 0; // channel type, as in Discord's reference

/** The guilds at the very left, and the direct messages above them. */
class GuildRail extends HTMLElement {
	connectedCallback() {
		store.on("reset channel channels", () => this.#draw(store.channels.get(store.channelId)?.type === DIRECT));
	}

	#draw(direct) {
		const go = (to) => () => {
			this.#draw(to);
			store.say("place", { direct: to });
			const first = [...store.channels.values()].find((channel) => (channel.type === DIRECT) === to);
			if (first) store.openChannel(first.id);
		};
		const mark = (to, name, inside) => el("button", { "aria-label": name, title: name, "aria-current": to === direct ? "true" : null, click: go(to) }, inside);
		this.replaceChildren(mark(true, "Direct messages", icon("mail")), mark(false, store.guild.name, el("img", { src: "/web/art/expanse.svg", alt: "" })));
	}
}
customElements.define("guild-rail", GuildRail);

class GuildHeader extends HTMLElement {
	connectedCallback() {
		const draw = (direct) => this.replaceChildren(el("strong", direct ? "Direct messages" : store.guild.name));
		store.on("reset channel channels", () => draw(store.channels.get(store.channelId)?.type === DIRECT));
		store.on("place", ({ detail }) => draw(detail.direct));
	}
}
customElements.define("guild-header", GuildHeader);

class ChannelList extends HTMLElement {
	connectedCallback() {
		store.on("reset channel", () => (this.direct = store.channels.get(store.channelId)?.type === DIRECT));
		store.on("reset channel channels", () => this.#draw());
		store.on("message", ({ detail }) => this.#mark(detail));
		store.on("place", ({ detail }) => ((this.direct = detail.direct), this.#draw()));
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
		const all = [...store.channels.values()];
		const below = (channel) => all.filter((each) => each.type === THREAD && each.parent_id === channel.id);
		const rows = all.filter((channel) => channel.type === TEXT).map((channel) => this.#row(channel, below(channel)));
		const direct = all.filter((channel) => channel.type === DIRECT).map((channel) => this.#row(channel));
		const parts = this.direct ? ["direct-title", "Direct messages", direct] : ["channels-title", "Text channels", rows];
		this.replaceChildren(...this.#group(...parts));
		if (this.direct && !direct.length) this.append(el("p.hint", "None yet. Expanse writes here when it cannot reach you in a channel."));
		if (held) this.querySelector("[aria-current]")?.focus();
	}

	#group(id, title, rows) {
		return [el("h2", { id }, title), el("ul", { "aria-labelledby": id }, rows)];
	}

	#row(channel, threads = []) {
		const open = channel.id === store.channelId;
		const unread = this.unread.has(channel.id);
		const pick = () => (store.openChannel(channel.id), document.body.classList.remove("drawer"));
		return el("li", el("button", { class: unread ? "unread" : null, "aria-current": open ? "page" : null, click: pick },
			MARKS[channel.type]?.(channel) ?? icon("hash"), el("span", store.nameOf(channel)), unread ? el("span.new", "new") : null),
		threads.length ? el("ul.threads", { "aria-label": `Threads of ${channel.name}` }, threads.map((thread) => this.#row(thread))) : null);
	}
}
customElements.define("channel-list", ChannelList);

const MARKS = { [THREAD]: () => icon("thread"), [DIRECT]: (channel) => avatar(store.otherIn(channel)) };

class ChannelBar extends HTMLElement {
	connectedCallback() {
		const drawer = () => toggleDrawer(true);
		this.name = el("h1");
		this.topic = el("p.topic");
		this.theme = el("button.round", { click: () => this.#turnTheme() });
		this.mark = el("span.bar-hash");
		this.behind = el("button.round", { "aria-controls": "panel", "aria-expanded": "false", "aria-label": "Behind the scenes: money, jobs, faults, clock", title: "Behind the scenes", click: () => document.querySelector("side-panel").toggle() }, icon("gauge"));
		this.append(
			el("button.round.only-narrow", { "aria-label": "Show channels", "aria-controls": "side", click: drawer }, icon("menu")),
			this.mark, this.name, this.topic, this.behind, this.theme);
		store.on("reset channel channels", () => this.#draw());
		store.on("panel", ({ detail }) => this.behind.setAttribute("aria-expanded", String(detail.open)));
		this.#drawTheme();
		matchMedia("(prefers-color-scheme: light)").addEventListener("change", () => this.#drawTheme());
	}

	#draw() {
		const channel = store.channels.get(store.channelId);
		this.mark.replaceChildren(icon(channel?.type === THREAD ? "thread" : "hash"));
		const parent = channel?.type === THREAD ? store.channels.get(channel.parent_id) : null;
		const up = parent ? [el("button.link", { click: () => store.openChannel(parent.id) }, parent.name), " › "] : [];
		this.name.replaceChildren(...up, channel ? store.nameOf(channel) : "");
		this.topic.textContent = channel?.topic ?? "";
		document.title = channel ? `${channel.type === DIRECT ? "" : "#"}${store.nameOf(channel)} · ${store.guild.name}` : "Expanse sandbox";
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
