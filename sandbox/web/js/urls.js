const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);

/**
 * Return the URL from which the page may load a picture or file, or null. The CDN writes 127.0.0.1 into its links; a
 * page opened as "localhost" must use its own origin instead, and nothing outside this machine is ever loaded.
 */
export function localUrl(text) {
	const url = parse(text);
	if (!url || !LOOPBACK.has(url.hostname) || url.port !== location.port) return null;
	return url.pathname + url.search;
}

/** Return a URL that may be followed by a click, or null for every non-web scheme. */
export function webUrl(text) {
	const url = parse(text);
	return url && (url.protocol === "http:" || url.protocol === "https:") ? url.href : null;
}

/** Parse the URL of a channel or message, Discord's or this page's own: [channel, message or null], else null. */
export function channelUrl(text) {
	const url = parse(text);
	if (!url) return null;
	const path = /^(?:[a-z]+\.)?discord\.com$/.test(url.hostname)
		? url.pathname.replace(/^\/channels\//, "")
		: url.origin === location.origin
		? url.hash.slice(1)
		: "";
	const found = /^(?:\d{1,20}|@me)\/(\d{1,20})(?:\/(\d{1,20}))?\/?$/.exec(path);
	return found ? [found[1], found[2] ?? null] : null;
}

function parse(text) {
	if (typeof text !== "string" || !text) return null;
	try {
		return new URL(text, location.origin);
	} catch {
		return null;
	}
}
