import { store } from "./store.js";

const DEADLINE = 20_000; // milliseconds: an upload on this machine takes far less

/** A refusal in Discord's error shape; `fields` maps an option's name or place to what is wrong with it. */
export class Refused extends Error {
	constructor(status, body) {
		super(readable(status, body));
		this.status = status;
		this.fields = optionErrors(body?.errors);
	}
}

function readable(status, body) {
	if (status === 501 || status === 404) return "The sandbox does not do this yet.";
	if (status === 413) return "The file is larger than this channel takes.";
	return firstMessage(body?.errors) ?? body?.message ?? `The sandbox answered ${status}.`;
}

function firstMessage(tree) {
	if (tree === null || typeof tree !== "object") return undefined;
	if (Array.isArray(tree._errors)) return tree._errors[0]?.message;
	return Object.values(tree).map(firstMessage).find(Boolean);
}

function optionErrors(errors) {
	let options = errors?.data?.options;
	// A subcommand's options lie one or two levels deeper.
	while (options?.[0]?.options) options = options[0].options;
	const entries = Object.entries(options ?? {}).map(([place, tree]) => [place, firstMessage(tree)]);
	return new Map(entries.filter(([, message]) => message));
}

async function request(method, path, body, headers = {}) {
	const query = `?user=${encodeURIComponent(store.me.id)}`;
	let response;
	try {
		response = await fetch(path + query, { method, body, headers, signal: AbortSignal.timeout(DEADLINE) });
	} catch {
		throw new Refused(0, { message: "The sandbox cannot be reached. Is it still running?" });
	}
	if (response.ok) return;
	throw new Refused(response.status, await response.json().catch(() => null));
}

/** Send an interaction (Discord's own payload) with its files. */
export function postInteraction(payload, files = []) {
	const form = new FormData();
	form.append("payload_json", JSON.stringify(payload));
	files.forEach((file, place) => form.append(`files[${place}]`, file, file.name));
	return request("POST", "/_page/interactions", form);
}

export const postMessage = (channelId, content) =>
	request("POST", "/_page/messages", JSON.stringify({ channel_id: channelId, content }), { "Content-Type": "application/json" });

/** Put an ephemeral note out of sight. */
export const dismissMessage = (id) => request("DELETE", `/_page/messages/${id}`);

let sent = 0;
/** Make a nonce as Discord's clients do: digits, one per action. */
export const nonce = () => `${Date.now()}${String((sent = (sent + 1) % 1000)).padStart(3, "0")}${Math.floor(Math.random() * 100)}`;
