import { store } from "./store.js";

const DEADLINE = 20_000; // milliseconds; an upload on this machine takes far less

/** An error in Discord's form; `fields` maps an option's name or position to its message. */
export class Refused extends Error {
	constructor(status, body) {
		super(readable(status, body));
		let options = body?.errors?.data?.options;
		// A subcommand's options are nested one or two levels deeper.
		while (options?.[0]?.options) options = options[0].options;
		this.fields = new Map(
			Object.entries(options ?? {}).map(([place, tree]) => [place, firstMessage(tree)]).filter(([, message]) =>
				message
			),
		);
	}
}

function readable(status, body) {
	if (status === 501) return "The sandbox does not do this yet.";
	if (status === 413) return "The file is larger than this channel takes.";
	return firstMessage(body?.errors) ?? body?.message ?? `The sandbox answered ${status}.`;
}

function firstMessage(tree) {
	if (tree === null || typeof tree !== "object") return undefined;
	if (Array.isArray(tree._errors)) return tree._errors[0]?.message;
	return Object.values(tree).map(firstMessage).find(Boolean);
}

/** Send a request as the current person; return the answer's JSON, if any. Forms are sent as they are, the rest as JSON. */
export async function request(method, path, content) {
	const as = `${path.includes("?") ? "&" : "?"}user=${encodeURIComponent(store.me.id)}`;
	const json = content && !(content instanceof FormData);
	const how = json
		? { body: JSON.stringify(content), headers: { "Content-Type": "application/json" } }
		: { body: content };
	let response;
	try {
		response = await fetch(`/_page/${path}${as}`, { method, ...how, signal: AbortSignal.timeout(DEADLINE) });
	} catch {
		throw new Refused(0, { message: "The sandbox cannot be reached. Is it still running?" });
	}
	if (response.ok) return response.status === 204 ? null : response.json();
	throw new Refused(response.status, await response.json().catch(() => null));
}

export function postForm(path, payload, files) {
	const form = new FormData();
	form.append("payload_json", JSON.stringify(payload));
	files.forEach((file, place) => form.append(`files[${place}]`, file, file.name));
	return request("POST", path, form);
}

/** The entries of a payload's `attachments` for these files. */
export const described = (files) => files.map(({ name }, place) => ({ id: String(place), filename: name }));

export const deleteMessage = (id) => request("DELETE", `messages/${id}`);

/** The 100 messages before one, or the newest, oldest first. */
export const olderMessages = (channelId, before = null) =>
	request("GET", `channels/${channelId}/messages${before ? `?before=${before}` : ""}`);
