import { postForm } from "./api.js";
import { invocation, withSample } from "./commands.js";
import { FAILED, store } from "./store.js";

export { pictureCommand } from "./commands.js";

const COMMAND = 2; // interaction types, as in Discord's reference
const COMPONENT = 3;
const AUTOCOMPLETE = 4;
const MODAL = 5;
const SUGGEST_WITHIN = 3000; // milliseconds: Discord's own deadline for a response

const own = new Set();
let sent = 0;

function nonce() {
	const made = `${Date.now()}${String(sent = (sent + 1) % 1000).padStart(3, "0")}${Math.floor(Math.random() * 100)}`;
	own.add(made);
	return made;
}

/** Whether this tab sent the interaction: another tab of the same person gets the answer too. */
export const isOwn = (made) => own.has(made);

const envelope = (type, key, data) => ({
	type,
	channel_id: store.channelId,
	guild_id: store.guild.id,
	nonce: key,
	data,
});

/** Post an interaction that the page waits for; forget it if the sandbox refuses it. */
async function send(payload, files, waiting) {
	store.expect({ nonce: payload.nonce, channelId: payload.channel_id, ...waiting });
	try {
		await postForm("interactions", payload, files);
	} catch (error) {
		store.settle(payload.nonce, "forgotten");
		throw error;
	}
}

export const sendCommand = ({ data, files = [], title }) =>
	send(envelope(COMMAND, nonce(), data), files, { title, row: true, at: new Date().toISOString() });

export async function sendSample(url) {
	const [entry, values] = await withSample(url);
	await sendCommand({ ...invocation(entry, values), title: entry.title });
}

export const openSample = async (url) => document.querySelector("chat-composer").open(...(await withSample(url)));

/** Run a command of the Apps menu on a message (type 3) or a person (type 2). */
export const sendMenuCommand = ({ id, name, type }, target) =>
	sendCommand({ data: { id, name, type, target_id: target }, title: name });

/** Send, and wait for the bot's acknowledgement; throw its error, or that it did not respond. */
function ask(payload, files = []) {
	const answered = new Promise((resolve, reject) => {
		const end = store.on("pending reset", () => {
			const entry = store.pending.get(payload.nonce);
			if (entry && entry.state !== "failed") return;
			end();
			if (entry) reject(new Error(FAILED));
			else resolve();
		});
	});
	return Promise.all([send(payload, files, { row: false }), answered]);
}

export async function press(message, { type, custom_id }, control, values) {
	const host = control.closest("chat-message");
	host?.note("");
	control.classList.add("busy");
	control.ariaBusy = "true";
	const data = { component_type: type, custom_id, ...(values && { values }) };
	const place = { channel_id: message.channel_id, message_id: message.id, message_flags: message.flags ?? 0 };
	await ask({ ...envelope(COMPONENT, nonce(), data), ...place }).catch((error) => host?.note(error.message));
	control.classList.remove("busy");
	control.ariaBusy = null;
}

/** Submit a modal; the promise settles with the bot's answer, or rejects with its error. */
export const submitModal = (data, files) => ask(envelope(MODAL, nonce(), data), files);

export function suggestions(data) {
	const key = nonce();
	return new Promise((resolve) => {
		const end = (choices) => (clearTimeout(timer), deaf(), resolve(choices));
		const deaf = store.on("choices", ({ nonce: asked, choices }) => asked === key && end(choices ?? []));
		const timer = setTimeout(end, SUGGEST_WITHIN, []);
		postForm("interactions", envelope(AUTOCOMPLETE, key, data), []).catch(() => end([]));
	});
}
