import { olderMessages } from "./api.js";
import { displayName } from "./dom.js";
import { read, write } from "./memory.js";

const LATEST = 400; // messages per channel while its end is shown, to bound the page's memory
const PAGE = 100; // messages of one history answer
export const FAILED = "Expanse did not respond.";
export const EPHEMERAL = 64; // message flag, as in Discord's reference
export const DIRECT = 1; // channel types, as there
export const isThread = (channel) => channel?.type >= 10 && channel?.type <= 12;

/** Permission bits, as in Discord's reference. */
export const CAN = { react: 1n << 6n, send: 1n << 11n, manage: 1n << 13n, attach: 1n << 15n, thread: 1n << 35n };

/**
 * The page's data. It changes only through `apply` (frames of the feed) and a few methods, and reports changes by an
 * event: reset, message, older, pending, commands, bot, connection, channel, channels, typing, modal, choices,
 * books.
 */
class Store extends EventTarget {
	me = null;
	guilds = new Map(); // those that the person is in
	channels = new Map(); // of all guilds, and direct messages
	left = new Map(); // by guild, the last open channel
	guildId = null;
	bot = { id: null, online: false };
	limits = { attachment_size: 20 * 1024 * 1024 };
	messages = new Map(); // by channel, then by id, oldest first
	whole = new Set(); // channels whose first message is loaded
	pending = new Map();
	connection = "connecting";
	channelId = null;
	wanted = null; // a message to show: {channelId, id}
	following = true; // whether the reader is at the channel's end

	/** Call with the details of each event of these kinds (space-separated); return the function that unsubscribes. */
	on(kinds, run) {
		const end = new AbortController();
		for (const kind of kinds.split(" ")) {
			this.addEventListener(kind, ({ detail }) => run(detail), { signal: end.signal });
		}
		return () => end.abort();
	}

	say(type, detail = {}) {
		this.dispatchEvent(new CustomEvent(type, { detail }));
	}

	apply({ t, d }) {
		if (TOLD[t]) this.say(TOLD[t], d);
		else HANDLERS[t]?.(this, d);
	}

	setConnection(state) {
		if (state === this.connection) return;
		this.connection = state;
		this.say("connection");
	}

	get channel() {
		return this.channels.get(this.channelId);
	}

	/** The open guild; opening a direct message does not change it. */
	get guild() {
		return this.guilds.get(this.guildId) ?? NOWHERE;
	}

	/** A guild's channels; those of null are the direct messages. */
	channelsOf(guildId) {
		return [...this.channels.values()].filter((channel) => guildOf(channel) === guildId);
	}

	/** Open a guild, or with null the direct messages, at its last open channel. */
	openGuild(id) {
		const [first] = this.channelsOf(id);
		const left = this.left.get(id);
		if (first) this.openChannel(this.channels.has(left) ? left : first.id);
		else if (id !== null) Object.assign(this, { channelId: null, guildId: id }), this.say("channel");
	}

	/** Stay in the open channel; if it is gone, open another in its guild, or elsewhere. */
	stand() {
		const { channel } = this;
		const guildId = guildOf(channel) ??
			(this.guilds.has(this.guildId) ? this.guildId : this.guilds.keys().next().value);
		if (!channel) return this.openGuild(guildId);
		this.left.set(guildOf(channel), channel.id);
		this.guildId = guildId;
	}

	async openChannel(id) {
		if (id === this.channelId || !this.channels.has(id)) return;
		this.channelId = id;
		this.following = true;
		this.stand();
		write("channel", id);
		this.say("channel");
		if (this.messages.has(id)) return;
		// it became visible after the snapshot
		const list = await olderMessages(id).catch(() => []);
		if (this.messages.has(id)) return;
		this.messages.set(id, byId(list));
		if (list.length < PAGE) this.whole.add(id);
		if (id === this.channelId) this.say("channel");
	}

	goTo(channelId, id = null) {
		if (!this.channels.has(channelId)) return;
		this.wanted = id && { channelId, id };
		this.openChannel(channelId);
		if (id) this.say("wanted");
	}

	may(bit, channelId = this.channelId) {
		return (BigInt(this.channels.get(channelId)?.permissions ?? 0) & bit) !== 0n;
	}

	/** The open channel's commands; in a direct message, those allowed there. */
	get offered() {
		const there = (command) => (command.contexts ?? (command.dm_permission ? [0, 1] : [0])).includes(1);
		return this.channel?.type === DIRECT ? this.guild.commands.filter(there) : this.guild.commands;
	}

	nameOf(channel) {
		return channel?.type === DIRECT ? displayName(this.otherIn(channel)) : channel?.name ?? "";
	}

	otherIn({ recipients = [] }) {
		return recipients.find(({ id }) => id !== this.me.id) ?? this.guild.users.get(this.bot.id) ?? {};
	}

	find(id, channelId = this.channelId) {
		return this.messages.get(channelId)?.get(id);
	}

	/** Messages of the open channel that this person may see, oldest first. */
	get visible() {
		return [...(this.messages.get(this.channelId)?.values() ?? [])];
	}

	get waiting() {
		return [...this.pending.values()];
	}

	expect(entry) {
		this.pending.set(entry.nonce, { state: "sending", ...entry });
		this.say("pending");
	}

	settle(nonce, state) {
		const entry = this.pending.get(nonce);
		if (!entry) return;
		entry.state = state;
		if (state === "acked" || state === "forgotten") this.pending.delete(nonce);
		this.say("pending");
	}

	put(message) {
		const { id, channel_id: channelId } = message;
		const channel = this.messages.get(channelId) ?? new Map();
		this.messages.set(channelId, channel);
		const known = channel.get(id);
		// reactions come by their own events; an edited message has only the bot's view of them
		channel.set(id, { ...known, ...message, ...(known && { reactions: known.reactions }) });
		if (this.following || channelId !== this.channelId) this.#forget(channelId, channel);
		this.say("message", { id, channelId, created: !known });
	}

	#forget(channelId, channel) {
		while (channel.size > LATEST) {
			channel.delete(channel.keys().next().value);
			this.whole.delete(channelId);
		}
	}

	async readBack(channelId) {
		const channel = this.messages.get(channelId);
		const first = channel?.keys().next().value;
		if (!first || this.whole.has(channelId)) return false;
		const older = await olderMessages(channelId, first);
		if (this.messages.get(channelId) !== channel) return false;
		if (older.length < PAGE) this.whole.add(channelId);
		this.messages.set(channelId, new Map([...byId(older), ...channel]));
		this.say("older", { channelId });
		return true;
	}

	react({ channel_id: channelId, message_id: id, reactions }) {
		const message = this.find(id, channelId);
		if (!message) return;
		this.messages.get(channelId).set(id, { ...message, reactions });
		this.say("message", { id, channelId });
	}

	remove(channelId, id) {
		if (this.messages.get(channelId)?.delete(id)) this.say("message", { id, channelId, removed: true });
	}
}

const byId = (list) => new Map(list.map((item) => [item.id, item]));
const guildOf = (channel) => channel?.guild_id ?? null;
const NOWHERE = { name: "", users: new Map(), roles: new Map(), commands: [] };

function putChannel(store, d) {
	const known = store.channels.get(d.id);
	if (!known) store.whole.add(d.id);
	const permissions = known?.permissions ?? d.permissions ?? store.channels.get(d.parent_id)?.permissions ?? "0";
	store.channels.set(d.id, { ...known, ...d, permissions });
	const starter = store.find(d.id, d.parent_id);
	if (starter) store.put({ ...starter, thread: d });
	store.say("channels");
}

function dropChannel(store, { id }) {
	const parent = store.channels.get(id)?.parent_id;
	store.channels.delete(id);
	store.messages.delete(id);
	store.say("channels");
	if (store.channelId === id) store.channels.has(parent) ? store.openChannel(parent) : store.openGuild(store.guildId);
}

function putGuilds(store, { guilds, direct }) {
	store.guilds = byId(guilds.map((guild) => ({ ...guild, users: byId(guild.users), roles: byId(guild.roles) })));
	store.channels = byId([...guilds.flatMap(({ channels }) => channels), ...direct]);
}

const HANDLERS = {
	SNAPSHOT(store, d) {
		Object.assign(store, { me: d.me, bot: d.bot, limits: d.limits, following: true });
		putGuilds(store, d);
		const all = Object.entries(d.messages);
		store.messages = new Map(all.map(([id, list]) => [id, byId(list)]));
		store.whole = new Set(all.filter(([, list]) => list.length < PAGE).map(([id]) => id));
		store.pending.clear(); // their outcomes are in the messages
		store.channelId ??= read("channel", null);
		store.stand();
		store.say("reset");
	},
	MESSAGE_CREATE: (store, d) => store.put(d),
	MESSAGE_UPDATE: (store, d) => store.find(d.id, d.channel_id) && store.put(d),
	MESSAGE_DELETE: (store, d) => store.remove(d.channel_id, d.id),
	MESSAGE_DELETE_BULK: (store, d) => d.ids.forEach((id) => store.remove(d.channel_id, id)),
	REACTIONS: (store, d) => store.react(d),
	GUILDS(store, d) {
		putGuilds(store, d);
		for (const id of store.messages.keys()) if (!store.channels.has(id)) store.messages.delete(id);
		store.stand();
		store.say("channels");
		store.say("commands");
	},
	CHANNEL_DELETE: dropChannel,
	THREAD_CREATE: putChannel,
	THREAD_DELETE: dropChannel,
	BOT_STATUS(store, { online }) {
		store.bot.online = online;
		store.say("bot");
	},
	INTERACTION_STATE(store, d) {
		if (store.pending.has(d.nonce)) store.pending.get(d.nonce).interactionId = d.interaction_id;
		store.settle(d.nonce, d.state);
	},
};
const TOLD = {
	INTERACTION_MODAL_CREATE: "modal",
	APPLICATION_COMMAND_AUTOCOMPLETE_RESPONSE: "choices",
	TYPING_START: "typing",
	BOOKS: "books",
};

export const store = new Store();
