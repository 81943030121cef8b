import { read, write } from "./memory.js";

const LATEST = 400; // messages kept per channel, so that a long day does not fill the page

/**
 * What the page knows. It changes only through `apply` (frames of the feed) and the few methods below it,
 * and says what changed with an event: reset, message, pending, commands, bot, connection, channel, typing.
 */
class Store extends EventTarget {
	me = null;
	guild = { name: "" };
	users = new Map();
	channels = new Map();
	commands = [];
	bot = { id: null, online: false };
	limits = { attachment_size: 10 * 1024 * 1024 };
	messages = new Map();
	pending = new Map();
	connection = "connecting";
	channelId = null;

	/** Call with each event of these kinds, named with spaces between. */
	on(kinds, run) {
		for (const kind of kinds.split(" ")) this.addEventListener(kind, run);
	}

	say(type, detail = {}) {
		this.dispatchEvent(new CustomEvent(type, { detail }));
	}

	apply({ t, d }) {
		HANDLERS[t]?.(this, d);
	}

	setConnection(state) {
		if (state === this.connection) return;
		this.connection = state;
		this.say("connection");
	}

	openChannel(id) {
		if (id === this.channelId || !this.channels.has(id)) return;
		this.channelId = id;
		write("channel", id);
		this.say("channel");
	}

	/** Messages of the open channel that this person may see, oldest first. */
	visible() {
		return [...(this.messages.get(this.channelId)?.values() ?? [])];
	}

	waiting() {
		return [...this.pending.values()].filter((entry) => entry.row && entry.channelId === this.channelId);
	}

	/** The name of a command on its way, for an answer that comes before it is named there. */
	titleOf(interactionId) {
		return [...this.pending.values()].find((entry) => entry.interactionId === interactionId)?.title;
	}

	expect(entry) {
		this.pending.set(entry.nonce, { state: "sending", ...entry });
		this.say("pending", { nonce: entry.nonce });
	}

	settle(nonce, state) {
		const entry = this.pending.get(nonce);
		if (!entry) return;
		entry.state = state;
		if (state === "acked" || state === "forgotten") this.pending.delete(nonce);
		this.say("pending", { nonce, entry });
	}

	put(message) {
		const channel = this.messages.get(message.channel_id) ?? new Map();
		this.messages.set(message.channel_id, channel);
		const known = channel.get(message.id);
		channel.set(message.id, { ...known, ...message });
		while (channel.size > LATEST) channel.delete(channel.keys().next().value);
		this.say("message", { id: message.id, channelId: message.channel_id, created: !known });
	}
}

const HANDLERS = {
	SNAPSHOT(store, d) {
		const byId = (list) => new Map(list.map((item) => [item.id, item]));
		Object.assign(store, { me: d.me, guild: d.guild, commands: d.commands, bot: d.bot, limits: d.limits });
		store.users = byId(d.users);
		store.channels = byId(d.channels);
		store.messages = new Map(Object.entries(d.messages).map(([id, list]) => [id, byId(list)]));
		const wanted = store.channelId ?? read("channel", null);
		store.pending.clear(); // what became of them is in the messages
		store.channelId = store.channels.has(wanted) ? wanted : d.channels[0]?.id ?? null;
		store.say("reset");
	},
	MESSAGE_CREATE: (store, d) => store.put(d),
	MESSAGE_UPDATE(store, d) {
		if (store.messages.get(d.channel_id)?.has(d.id)) store.put(d);
	},
	MESSAGE_DELETE(store, d) {
		store.messages.get(d.channel_id)?.delete(d.id);
		store.say("message", { id: d.id, channelId: d.channel_id, removed: true });
	},
	COMMANDS(store, d) {
		store.commands = d.commands;
		store.say("commands");
	},
	BOT_STATUS(store, d) {
		store.bot.online = d.online;
		store.say("bot");
	},
	INTERACTION_STATE(store, d) {
		if (store.pending.has(d.nonce)) store.pending.get(d.nonce).interactionId = d.interaction_id;
		store.settle(d.nonce, d.state);
	},
	TYPING_START: (store, d) => store.say("typing", d),
};

export const store = new Store();
