import { nonce, postInteraction } from "./api.js";
import { el } from "./dom.js";
import { store } from "./store.js";

const FAILED = "Expanse did not respond.";
const COMMAND = 2; // interaction types, as in Discord's reference
const COMPONENT = 3;
const AUTOCOMPLETE = 4;
const MODAL = 5;
const SUGGEST_WITHIN = 3000; // milliseconds: Discord's own deadline for an answer

const envelope = (type, key, data) => ({ type, channel_id: store.channelId, guild_id: store.guild.id, nonce: key, data });

/** Send a command and keep a row in the channel that says how it goes until the bot answers. */
export async function sendCommand({ data, files = [], title }) {
	const key = nonce();
	store.expect({ nonce: key, channelId: store.channelId, title, row: true, at: new Date().toISOString() });
	try {
		await postInteraction(envelope(COMMAND, key, data), files);
	} catch (error) {
		store.settle(key, "forgotten");
		throw error;
	}
}

/** Use a command of the Apps menu on a message (type 3) or a person (type 2). */
export const sendMenuCommand = (command, target) =>
	sendCommand({ data: { id: command.id, name: command.name, type: command.type, target_id: target }, title: command.name });

/** Press a button or choose in a menu of a message; what goes wrong is said below the message. */
export async function press(message, part, control, values) {
	const key = nonce();
	const host = control.closest("chat-message");
	host?.note("");
	control.classList.add("busy");
	control.setAttribute("aria-busy", "true");
	const rest = () => (control.classList.remove("busy"), control.removeAttribute("aria-busy"));
	const heard = ({ detail }) => {
		if (detail.nonce !== key || !detail.entry || detail.entry.state === "sent") return;
		store.off("pending", heard);
		rest();
		if (detail.entry.state === "failed") host?.note(FAILED);
	};
	store.expect({ nonce: key, channelId: message.channel_id, row: false });
	store.on("pending", heard);
	const data = { component_type: part.type, custom_id: part.custom_id, ...(values && { values }) };
	const payload = { ...envelope(COMPONENT, key, data), channel_id: message.channel_id, message_id: message.id, message_flags: message.flags ?? 0 };
	await postInteraction(payload).catch((error) => {
		store.settle(key, "forgotten");
		host?.note(error.message);
	});
}

/** Hand in a modal; settled once the bot has answered, an error says why not. */
export function submitModal(data, files) {
	const key = nonce();
	store.expect({ nonce: key, channelId: store.channelId, row: false });
	const answered = new Promise((resolve, reject) => {
		const heard = ({ detail }) => {
			if (detail.nonce !== key || !detail.entry || detail.entry.state === "sent") return;
			store.off("pending", heard);
			if (detail.entry.state === "failed") reject(new Error(FAILED));
			else resolve();
		};
		store.on("pending", heard);
	});
	const sent = postInteraction(envelope(MODAL, key, data), files).catch((error) => {
		store.settle(key, "forgotten");
		throw error;
	});
	return Promise.all([sent, answered]);
}

/** Ask the bot for choices; an empty list when none come in time. */
export function suggestions(data) {
	const key = nonce();
	return new Promise((resolve) => {
		const end = (choices) => (clearTimeout(timer), store.off("choices", heard), resolve(choices));
		const heard = ({ detail }) => detail.nonce === key && end(detail.choices ?? []);
		const timer = setTimeout(() => end([]), SUGGEST_WITHIN);
		store.on("choices", heard);
		postInteraction(envelope(AUTOCOMPLETE, key, data)).catch(() => end([]));
	});
}

/** The line a waiting or failed command shows below its name. */
export function waitingText(entry) {
	if (entry.state === "failed") return el("p.failure", { role: "alert" }, FAILED);
	const text = entry.state === "sent" ? "Waiting for Expanse…" : "Sending…";
	return el("p.thinking", dots(), text);
}

export const dots = () => el("span.dots", { "aria-hidden": "true" }, el("i"), el("i"), el("i"));
