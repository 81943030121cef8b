import { nonce, postInteraction } from "./api.js";
import { el } from "./dom.js";
import { store } from "./store.js";

const FAILED = "Expanse did not respond.";

/** Send a command and keep a row in the channel that says how it goes until the bot answers. */
export async function sendCommand({ data, files, channelId, title }) {
	const key = nonce();
	store.expect({ nonce: key, channelId, title, row: true, at: new Date().toISOString() });
	try {
		await postInteraction({ type: 2, channel_id: channelId, guild_id: store.guild.id, nonce: key, data }, files);
	} catch (error) {
		store.settle(key, "forgotten");
		throw error;
	}
}

/** Press a button of a message; what goes wrong is said below its row. */
export async function press(message, part, button) {
	const key = nonce();
	const host = button.closest("chat-message");
	host?.note("");
	button.classList.add("busy");
	button.setAttribute("aria-busy", "true");
	const rest = () => (button.classList.remove("busy"), button.removeAttribute("aria-busy"));
	const heard = ({ detail }) => {
		if (detail.nonce !== key || !detail.entry || detail.entry.state === "sent") return;
		store.removeEventListener("pending", heard);
		rest();
		if (detail.entry.state === "failed") host?.note(FAILED);
	};
	store.expect({ nonce: key, channelId: message.channel_id, row: false });
	store.on("pending", heard);
	const payload = {
		type: 3, channel_id: message.channel_id, guild_id: store.guild.id, message_id: message.id, message_flags: message.flags ?? 0, nonce: key,
		data: { component_type: part.type, custom_id: part.custom_id },
	};
	await postInteraction(payload).catch((error) => {
		store.settle(key, "forgotten");
		host?.note(error.message);
	});
}

/** The line a waiting or failed command shows below its name. */
export function waitingText(entry) {
	if (entry.state === "failed") return el("p.failure", { role: "alert" }, FAILED);
	const text = entry.state === "sent" ? "Waiting for Expanse…" : "Sending…";
	return el("p.thinking", dots(), text);
}

export const dots = () => el("span.dots", { "aria-hidden": "true" }, el("i"), el("i"), el("i"));
