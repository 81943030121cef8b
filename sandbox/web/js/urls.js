const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);

/**
 * Give the address from which the page may load a picture or file, or null.
 * The CDN writes 127.0.0.1 into its links; a page opened as "localhost" must ask its own origin instead,
 * and nothing outside this machine is ever fetched.
 */
export function localUrl(text) {
	const url = parse(text);
	if (!url || !LOOPBACK.has(url.hostname) || url.port !== location.port) return null;
	return url.pathname + url.search;
}

/** Give an address that a person may follow by a click, or null for every scheme but the web's. */
export function webUrl(text) {
	const url = parse(text);
	return url && (url.protocol === "http:" || url.protocol === "https:") ? url.href : null;
}

function parse(text) {
	try {
		return new URL(text, location.origin);
	} catch {
		return null;
	}
}
