import { olderMessages } from "./api.js";
import { read, write } from "./memory.js";

const LATEST = 400; // messages kept per channel while its end is shown, so that a long day does not fill the page
const PAGE = 100; // messages of one answer of the history
export const THREAD = 11; // channel types, as in Discord's reference
export const DIRECT = 1;

/** Permission bits, as in Discord's reference. */
export const CAN = { react: 1n << 6n, send: 1n << 11n, manage: 1n << 13n, attach: 1n << 15n, thread: 1n << 35n };

/**
 * What the page knows. It changes only through `apply` (frames of the feed) and the few methods below it, and says what
 * changed with an event: reset, message, older, pending, commands, bot, connection, channel, channels, typing, modal, choices, books.
 */
class Store extends EventTarget {
	me = null;
	guild = { name: "" };
	users = new Map();
	roles = new Map();
	channels = new Map();
	commands = [];
	bot = { id: null, online: false };
	limits = { attachment_size: 10 * 1024 * 1024 };
	messages = new Map();
	whole = new Set(); // channels whose first message is here
	pending = new Map();
	connection = "connecting";
	channelId = null;
	wanted = null; // a message to be shown: {channelId, id}
	following = true; // whether the reader is at the channel's end

	/** Call with each event of these kinds, named with spaces between. */
	on(kinds, run) {
		for (const kind of kinds.split(" ")) this.addEventListener(kind, run);
	}

	off(kind, run) {
		this.removeEventListener(kind, run);
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
		this.following = true;
		write("channel", id);
		this.say("channel");
		if (!this.messages.has(id)) this.#fetch(id);
	}

	/** Get what is in a channel that came into sight after the snapshot. */
	async #fetch(id) {
		const list = await olderMessages(id).catch(() => []);
		if (this.messages.has(id)) return;
		this.messages.set(id, byId(list));
		if (list.length < PAGE) this.whole.add(id);
		if (id === this.channelId) this.say("channel");
	}

	/** Open a channel at one message. */
	goTo(channelId, id = null) {
		if (!this.channels.has(channelId)) return;
		this.wanted = id && { channelId, id };
		this.openChannel(channelId);
		if (id) this.say("wanted");
	}

	may(bit, channelId = this.channelId) {
		return (BigInt(this.channels.get(channelId)?.permissions ?? 0) & bit) !== 0n;
	}

	/** The commands of the open channel: in a direct message those that may be used there. */
	get offered() {
		const there = (command) => (command.contexts ?? (command.dm_permission ? [0, 1] : [0])).includes(1);
		return this.channels.get(this.channelId)?.type === DIRECT ? this.commands.filter(there) : this.commands;
	}

	/** A channel's name as people say it; a direct one is called after the person at its other end. */
	nameOf(channel) {
		if (channel?.type !== DIRECT) return channel?.name ?? "";
		const other = this.otherIn(channel);
		return other.global_name || other.username;
	}

	otherIn(channel) {
		return (channel.recipients ?? []).find(({ id }) => id !== this.me.id) ?? this.users.get(this.bot.id) ?? {};
	}

	find(id, channelId = this.channelId) {
		return this.messages.get(channelId)?.get(id);
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
		// who reacted comes by events of its own; an edited message names the bot's view of it
		channel.set(message.id, { ...known, ...message, ...(known && { reactions: known.reactions }) });
		if (this.following || message.channel_id !== this.channelId) this.#forget(message.channel_id, channel);
		this.say("message", { id: message.id, channelId: message.channel_id, created: !known });
	}

	#forget(channelId, channel) {
		while (channel.size > LATEST) {
			channel.delete(channel.keys().next().value);
			this.whole.delete(channelId);
		}
	}

	/** Fetch the messages before the first one that is here; false when there are none. */
	async readBack(channelId) {
		const channel = this.messages.get(channelId);
		const first = channel?.keys().next().value;
		if (!first || this.whole.has(channelId)) return false;
		const older = await olderMessages(channelId, first);
		if (this.messages.get(channelId) !== channel) return false;
		if (older.length < PAGE) this.whole.add(channelId);
		this.messages.set(channelId, new Map([...older.map((message) => [message.id, message]), ...channel]));
		this.say("older", { channelId });
		return true;
	}

	react({ channel_id: channelId, message_id: id, user_id: user, emoji }, on) {
		const message = this.messages.get(channelId)?.get(id);
		if (!message) return;
		const all = (message.reactions ?? []).map((each) => ({ ...each }));
		let found = all.find((each) => each.emoji.name === emoji.name && each.emoji.id === emoji.id);
		if (!found) all.push((found = { emoji, users: [] }));
		const users = (found.users ?? []).filter((each) => each !== user);
		if (on) users.push(user);
		Object.assign(found, { users, count: users.length, me: users.includes(this.me.id) });
		message.reactions = all.filter((each) => each.count > 0);
		this.say("message", { id, channelId });
	}

	remove(channelId, id) {
		if (this.messages.get(channelId)?.delete(id)) this.say("message", { id, channelId, removed: true });
	}
}

function putChannel(store, d) {
	const known = store.channels.get(d.id);
	if (!known) store.whole.add(d.id);
	const granted = known?.permissions ?? d.permissions ?? store.channels.get(d.parent_id)?.permissions ?? "0";
	store.channels.set(d.id, { ...known, ...d, permissions: granted });
	const starter = store.messages.get(d.parent_id)?.get(d.id);
	if (starter) store.put({ ...starter, thread: d });
	store.say("channels");
}

function dropChannel(store, { id }) {
	const parent = store.channels.get(id)?.parent_id;
	store.channels.delete(id);
	store.messages.delete(id);
	store.say("channels");
	if (store.channelId === id) store.openChannel(store.channels.has(parent) ? parent : store.channels.keys().next().value);
}

const byId = (list) => new Map((list ?? []).map((item) => [item.id, item]));

function putPlace(store, d) {
	Object.assign(store, { guild: d.guild, commands: d.commands, users: byId(d.users), roles: byId(d.roles), channels: byId(d.channels) });
}

const HANDLERS = {
	SNAPSHOT(store, d) {
		Object.assign(store, { me: d.me, bot: d.bot, limits: d.limits });
		putPlace(store, d);
		store.messages = new Map(Object.entries(d.messages).map(([id, list]) => [id, byId(list)]));
		store.whole = new Set(Object.entries(d.messages).filter(([, list]) => list.length < PAGE).map(([id]) => id));
		store.following = true;
		const wanted = store.channelId ?? read("channel", null);
		store.pending.clear(); // what became of them is in the messages
		store.channelId = store.channels.has(wanted) ? wanted : d.channels[0]?.id ?? null;
		store.say("reset");
	},
	MESSAGE_CREATE: (store, d) => store.put(d),
	MESSAGE_UPDATE(store, d) {
		if (store.messages.get(d.channel_id)?.has(d.id)) store.put(d);
	},
	MESSAGE_DELETE: (store, d) => store.remove(d.channel_id, d.id),
	MESSAGE_DELETE_BULK: (store, d) => d.ids.forEach((id) => store.remove(d.channel_id, id)),
	MESSAGE_REACTION_ADD: (store, d) => store.react(d, true),
	MESSAGE_REACTION_REMOVE: (store, d) => store.react(d, false),
	MESSAGE_REACTION_REMOVE_ALL(store, d) {
		const message = store.messages.get(d.channel_id)?.get(d.message_id);
		if (message) (message.reactions = []), store.say("message", { id: message.id, channelId: d.channel_id });
	},
	GUILD(store, d) {
		putPlace(store, d);
		store.me = store.users.get(store.me.id) ?? store.me;
		if (!store.channels.has(store.channelId)) store.openChannel(store.channels.keys().next().value);
		store.say("channels");
		store.say("commands");
	},
	CHANNEL_DELETE: dropChannel,
	THREAD_CREATE: putChannel,
	THREAD_DELETE: dropChannel,
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
	INTERACTION_MODAL_CREATE: (store, d) => store.say("modal", d),
	APPLICATION_COMMAND_AUTOCOMPLETE_RESPONSE: (store, d) => store.say("choices", d),
	TYPING_START: (store, d) => store.say("typing", d),
	BOOKS: (store) => store.say("books"),
};

export const store = new Store();
