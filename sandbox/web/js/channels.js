import { avatar, el, icon, round } from "./dom.js";
import { DIRECT, isThread, store } from "./store.js";

const [VOICE, STAGE, FORUM, MEDIA] = [2, 13, 15, 16]; // channel types, as in Discord's reference
const LISTED = new Set([0, VOICE, 5, STAGE, FORUM, MEDIA]); // and text and announcement channels

const isDirect = (channel) => channel?.type === DIRECT;
const initials = (name) => name.split(/\s+/).slice(0, 3).map(([first]) => first).join("");
const marks = { [VOICE]: "voice", [STAGE]: "voice", [FORUM]: "thread", [MEDIA]: "image" };
const markOf = (channel) =>
	isDirect(channel)
		? avatar(store.otherIn(channel))
		: icon(isThread(channel) ? "thread" : marks[channel?.type] ?? "hash");

/** Direct messages and guilds at the far left, and the channels of the open one. */
class ChannelSide extends HTMLElement {
	#direct = false;
	#unread = new Set();

	connectedCallback() {
		this.rail = el("div.rail");
		this.name = el("p.bar");
		this.list = el("div.channels");
		this.append(this.rail, el("div.side-main", this.name, this.list));
		store.on("reset channel", () => (this.#direct = isDirect(store.channel)));
		store.on("reset channel channels", () => this.#draw());
		store.on(
			"message",
			({ created, channelId }) =>
				created && channelId !== store.channelId && (this.#unread.add(channelId), this.#draw()),
		);
	}

	#draw() {
		const direct = this.#direct;
		const current = direct ? null : store.guildId;
		this.#unread.delete(store.channelId);
		const held = this.list.contains(document.activeElement);
		const at = [...this.rail.children].indexOf(document.activeElement);
		const title = direct ? "Direct messages" : "Channels";
		const all = store.channelsOf(current).filter(({ type }) => direct ? type === DIRECT : LISTED.has(type));
		const guild = ({ id, name, picture }) =>
			this.#place(id, current, name, picture ? el("img", { src: picture, alt: "" }) : el("span", initials(name)));
		this.rail.replaceChildren(
			this.#place(null, current, "Direct messages", icon("mail")),
			...[...store.guilds.values()].map(guild),
		);
		this.name.replaceChildren(el("strong", direct ? title : store.guild.name));
		this.list.replaceChildren(
			el("h2.small-title", title),
			el("ul", { "aria-label": title }, all.map((channel) => this.#row(channel))),
		);
		if (direct && !all.length) {
			this.list.append(el("p.hint", "None yet. Expanse writes here when it cannot reach you in a channel."));
		}
		this.rail.children[at]?.focus();
		if (held) this.list.querySelector("[aria-current]")?.focus();
	}

	#place(id, current, name, inside) {
		const unread = store.channelsOf(id).some((channel) => this.#unread.has(channel.id));
		const go = () => {
			this.#direct = id === null;
			this.#draw();
			store.openGuild(id);
		};
		return el("button", {
			class: unread && "unread",
			"aria-label": unread ? `${name}, unread` : name,
			title: name,
			"aria-current": id === current ? "true" : null,
			click: go,
		}, inside);
	}

	#row(channel) {
		const open = channel.id === store.channelId;
		const unread = this.#unread.has(channel.id);
		const threads = [...store.channels.values()].filter((each) => isThread(each) && each.parent_id === channel.id);
		const pick = () => (store.openChannel(channel.id), toggleDrawer(false));
		const button = el(
			"button",
			{ class: unread && "unread", "aria-current": open ? "page" : null, click: pick },
			markOf(channel),
			el("span", store.nameOf(channel)),
			unread && el("span.badge.new", "new"),
		);
		return el(
			"li",
			button,
			threads.length > 0 &&
				el("ul", { "aria-label": `Threads of ${channel.name}` }, threads.map((thread) => this.#row(thread))),
		);
	}
}
customElements.define("channel-side", ChannelSide);

class ChannelBar extends HTMLElement {
	connectedCallback() {
		this.mark = el("span.muted");
		this.name = el("h1");
		this.topic = el("p.topic");
		const behind = round("gauge", "Behind the scenes: money, jobs, faults, clock", () => store.say("behind"), {
			"aria-controls": "panel",
			"aria-expanded": "false",
		});
		const channels = round("menu", "Show channels", () => toggleDrawer(true), { "aria-controls": "side" });
		this.append(
			channels,
			this.mark,
			this.name,
			this.topic,
			behind,
			round("moon", "Change between dark and light", turnTheme),
		);
		store.on("reset channel channels", () => this.#draw());
		store.on("panel", ({ open }) => (behind.ariaExpanded = String(open)));
	}

	#draw() {
		const { channel } = store;
		const thread = isThread(channel);
		const parent = thread && store.channels.get(channel.parent_id);
		const up = parent ? [el("button.link", { click: () => store.openChannel(parent.id) }, parent.name), " › "] : [];
		const name = store.nameOf(channel);
		this.mark.replaceChildren(isDirect(channel) ? icon("mail") : markOf(channel));
		this.name.replaceChildren(...up, name);
		this.topic.textContent = channel?.topic ?? "";
		document.title = channel ? `${isDirect(channel) ? "" : "#"}${name} · ${store.guild.name}` : "Expanse sandbox";
	}
}
customElements.define("channel-bar", ChannelBar);

function turnTheme() {
	const { dataset } = document.documentElement;
	const dark = dataset.theme ? dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
	dataset.theme = dark ? "light" : "dark";
	localStorage.setItem("expanse.theme", dataset.theme);
}

export function toggleDrawer(open) {
	document.body.classList.toggle("drawer", open);
	if (open) document.querySelector(".channels [aria-current]")?.focus();
}

class ConnectionNote extends HTMLElement {
	connectedCallback() {
		this.role = "status";
		store.on("connection bot reset", () => {
			const lost = store.connection === "lost";
			this.className = lost ? "lost" : "";
			this.textContent = lost
				? "Connection lost. Trying again…"
				: store.me && !store.bot.online
				? "Expanse is not online yet."
				: "";
		});
	}
}
customElements.define("connection-note", ConnectionNote);
